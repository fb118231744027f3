import Glibc
import HTTP

/// A blocking client that sends exactly the bytes it is told to.
final class RawClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true
    /// How the server's side ended, once it has.
    private(set) var ended = false
    private(set) var wasReset = false

    /// Connects; `receiveBuffer` narrows the window, so that large answers do not fit. nil when it cannot.
    init?(_ address: BoundAddress, receiveBuffer: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if var size = receiveBuffer {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var peer = sockaddr_in()
        peer.sin_family = sa_family_t(AF_INET)
        peer.sin_port = UInt16(address.port).bigEndian
        peer.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return nil }
    }

    deinit { close() }

    /// Sends all of it; false when the server has stopped taking it.
    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func halfClose() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var now = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// The next answer; nil when the connection ends first. `hasBody` is false for answers to HEAD.
    func answer(hasBody: Bool = true) -> Answer? {
        while true {
            if let (answer, length) = Answer.parse(received, hasBody: hasBody) {
                received.removeFirst(length)
                return answer
            }
            guard fill() else { return nil }
        }
    }

    /// Reads until the server ends the connection: everything that had not been read.
    func rest() -> String {
        while fill() {}
        return String(decoding: received, as: UTF8.self)
    }

    /// Waits for the next bytes; none when the connection has ended.
    func receive() -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &piece, piece.count, 0)
        ended = count == 0
        wasReset = count < 0 && errno == ECONNRESET
        return Array(piece.prefix(max(0, count)))
    }

    private func fill() -> Bool {
        let piece = receive()
        received += piece
        return !piece.isEmpty
    }
}

/// An answer as a client reads it.
struct Answer {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first answer in `bytes` and its length, if it is whole.
    static func parse(_ bytes: [UInt8], hasBody: Bool) -> (Answer, Int)? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= 4,
            let end = (0...bytes.count - 4).first(where: { bytes[$0..<$0 + 4].elementsEqual(mark) })
        else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first.flatMap({ Int($0.dropFirst(9).prefix(3)) }) else { return nil }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            fields[line[..<colon].lowercased()] = String(line[colon...].dropFirst(2))
        }
        let length = hasBody ? Int(fields["content-length"] ?? "0") ?? 0 : 0
        guard bytes.count >= end + 4 + length else { return nil }
        let body = Array(bytes[(end + 4)..<(end + 4 + length)])
        return (Answer(status: status, fields: fields, body: body), end + 4 + length)
    }
}

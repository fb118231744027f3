private import Glibc

/// Where a server listens: a numeric address, without brackets, and a port.
package struct BoundAddress: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why a server cannot listen: the system call that failed, for which address, and the system's reason.
package struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    package let operation: String
    package let host: String
    package let port: Int
    package let reason: String

    package var description: String { "cannot listen on \(host) port \(port): \(operation): \(reason)" }
}

extension ListenError {
    /// A system call's failure, by its `errno`.
    init(_ operation: String, for address: BoundAddress, code: Int32) {
        self.init(
            operation: operation, host: address.host, port: address.port, reason: ListeningSocket.reason(code)
        )
    }
}

/// Opens the listening socket: `getaddrinfo` knows IPv4, IPv6 and names alike.
enum ListeningSocket {
    /// A listening, non-blocking descriptor on the first address of `host` that can be bound; `port` 0 takes
    /// a free one. Throws: ``ListenError``.
    static func open(host: String, port: Int, backlog: Int) throws(ListenError) -> (Int32, BoundAddress) {
        func failure(_ operation: String, _ reason: String) -> ListenError {
            ListenError(operation: operation, host: host, port: port, reason: reason)
        }
        guard (0...65_535).contains(port) else { throw failure("port", "not within 0...65535") }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw failure("getaddrinfo", unsafe String(cString: gai_strerror(code))) }
        defer { unsafe freeaddrinfo(list) }
        var last = failure("getaddrinfo", "no address")
        var entry = unsafe list
        while let address = unsafe entry?.pointee {
            switch unsafe bind(address, backlog) {
            case .success(let descriptor): return (descriptor, name(of: descriptor, fallback: host))
            case .failure(let cause): last = failure(cause.operation, reason(cause.code))
            }
            unsafe entry = unsafe address.ai_next
        }
        throw last
    }

    /// A listening stream socket that was opened elsewhere, made non-blocking. Throws: ``ListenError``.
    static func takeOver(_ descriptor: Int32) throws(ListenError) -> (Int32, BoundAddress) {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let code = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size)
        guard code == 0, listens == 1 else {
            let cause = code == 0 ? "it does not listen" : reason(errno)
            throw ListenError(
                operation: "descriptor \(descriptor)", host: "inherited", port: 0, reason: cause)
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        answerAtOnce(descriptor)
        return (descriptor, name(of: descriptor, fallback: "inherited"))
    }

    private struct Cause: Error {
        let operation: String
        let code: Int32
    }

    fileprivate static func reason(_ code: Int32) -> String { unsafe String(cString: strerror(code)) }

    private static func bind(_ address: addrinfo, _ backlog: Int) -> Result<Int32, Cause> {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = unsafe socket(address.ai_family, type, 0)
        guard descriptor >= 0 else { return .failure(Cause(operation: "socket", code: errno)) }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard unsafe Glibc.bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
            let cause = Cause(operation: "bind", code: errno)
            _ = close(descriptor)
            return .failure(cause)
        }
        answerAtOnce(descriptor)
        guard listen(descriptor, Int32(clamping: backlog)) == 0 else {
            let cause = Cause(operation: "listen", code: errno)
            _ = close(descriptor)
            return .failure(cause)
        }
        return .success(descriptor)
    }

    /// Small answers must not wait for acknowledgements; connections inherit this (tcp(7)).
    private static func answerAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The address that the socket really has.
    private static func name(of descriptor: Int32, fallback: String) -> BoundAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe getsockname(descriptor, address, &size) == 0 else { return Int32(EAI_SYSTEM) }
                return unsafe getnameinfo(
                    address, size, &host, socklen_t(host.count), &service, socklen_t(service.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        guard code == 0 else { return BoundAddress(host: fallback, port: 0) }
        func text(_ characters: [CChar]) -> String {
            String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return BoundAddress(host: text(host), port: Int(text(service)) ?? 0)
    }
}

private import CPlatform
private import Glibc

/// Bytes as they are.
struct PlainTransport: Transport {
    let descriptor: Int32

    var isReady: Bool { true }
    var hasUnreported: Bool { false }
    var hasPendingOutput: Bool { false }
    /// Any would do, but few bytes are copied as fast.
    var leastRoom: Int { 4_096 }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        unsafe Socket.receive(descriptor, into: buffer)
    }

    /// Head and body in one call.
    func write(_ output: Output, from offset: Int) -> Writing {
        let inHead = min(offset, output.head.count)
        let inBody = offset - inHead
        return unsafe output.head.withUnsafeBytes { head in
            unsafe output.body.withUnsafeBytes { body in
                unsafe Socket.send(
                    descriptor, UnsafeRawBufferPointer(rebasing: head[inHead...]),
                    UnsafeRawBufferPointer(rebasing: body[inBody...]), endFollows: output.isLast)
            }
        }
    }

    func flush() {}
    func endOutput() { Socket.endOutput(descriptor) }
    func close() {}
}

/// System calls on a connection's descriptor.
enum Socket {
    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
        }
    }

    /// Sends two runs of bytes in one call. With `endFollows` the last of them wait for the end of the stream, to go with
    /// it.
    static func send(
        _ descriptor: Int32, _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer? = nil,
        endFollows: Bool = false
    ) -> Writing {
        while true {
            let count = unsafe firstlead_send(
                descriptor, first.baseAddress, first.count, second?.baseAddress, second?.count ?? 0,
                endFollows)
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
        }
    }

    static func endOutput(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }
}

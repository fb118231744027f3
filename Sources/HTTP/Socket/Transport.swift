private import CPlatform
private import Glibc

/// Moves a connection's bytes to and from the network: the one place that an encrypting layer takes over.
///
/// The descriptor is non-blocking and stays its owner's to close.
struct Transport {
    enum Reading { case bytes(Int), wouldBlock, end, failed }
    enum Writing { case bytes(Int), wouldBlock, failed }

    let descriptor: Int32

    /// Prepares a new connection's descriptor: small answers must not wait for acknowledgements.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Reads what has come, at most as much as the buffer holds.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
        }
    }

    /// Writes an output from `offset` on, head and body in one call.
    func write(_ output: Output, from offset: Int) -> Writing {
        let inHead = min(offset, output.head.count)
        let inBody = offset - inHead
        while true {
            let count = unsafe output.head.withUnsafeBytes { head in
                unsafe output.body.withUnsafeBytes { body in
                    unsafe firstlead_send(
                        descriptor, head.baseAddress.map { unsafe $0 + inHead }, head.count - inHead,
                        body.baseAddress.map { unsafe $0 + inBody }, body.count - inBody)
                }
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .failed
        }
    }

    /// Says that nothing more will be sent.
    func endOutput() { _ = shutdown(descriptor, Int32(SHUT_WR)) }
}

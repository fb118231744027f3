private import COpenSSL

/// TLS over a socket (RFC 8446, RFC 5246), through a ``TLSLane``.
///
/// A peer that ends its side without close_notify counts as one that ends it: that is safe, because a request's
/// end is never told by the connection's (RFC 9112 §6.3, §9.8).
///
/// Used on the loop's thread only.
@safe final class TLSTransport: Transport {
    /// Encrypted bytes that may wait for a peer that does not read. Answers stay below; what goes beyond is a
    /// peer that has the server answer messages of the protocol itself, key updates for example.
    private static let pendingLimit = 262_144
    /// Encrypted in one go.
    private static let writeBytes = 65_536

    let descriptor: Int32
    private let session: OpaquePointer
    private let lane: TLSLane
    /// Its policy is asked during the handshake.
    private let context: TLSContext
    private let onFailure: (String) -> Void
    private(set) var isReady = false
    private var isFirstRead = true
    private var hasFailed = false
    private var hasEndedOutput = false
    private var endsAfterFlush = false
    /// What the next read says.
    private var unreported: Reading?
    private var pending: [UInt8] = []
    private var pendingStart = 0
    /// Bytes of the output that are encrypted and not yet taken by the network.
    private var unsent = 0

    /// nil when there is no memory. `onFailure` is told why a handshake failed.
    init?(
        descriptor: Int32, context: TLSContext, lane: TLSLane, onFailure: @escaping (String) -> Void
    ) {
        guard let session = unsafe context.makeSession() else { return nil }
        guard let bio = unsafe lane.makeBIO() else {
            unsafe SSL_free(session)
            return nil
        }
        unsafe SSL_set_bio(session, bio, bio)
        self.descriptor = descriptor
        unsafe self.session = unsafe session
        self.lane = lane
        self.context = context
        self.onFailure = onFailure
    }

    deinit { unsafe SSL_free(session) }

    var hasUnreported: Bool { unreported != nil }
    var hasPendingOutput: Bool { !pending.isEmpty }
    /// What one read of the socket decrypts to always fits: nothing is left behind that no poller tells of.
    var leastRoom: Int { TLSLane.roomBytes }
}

/// Reading.
extension TLSTransport {
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        if let reading = unreported.take() { return reading }
        guard !hasFailed else { return .failed }
        let received = unsafe Socket.receive(descriptor, into: lane.input)
        guard case .bytes(let count) = received else {
            // A handshake that ends half-way leads nowhere.
            return received == .end && !isReady ? .failed : received
        }
        if isFirstRead {
            isFirstRead = false
            // A TLS record begins with its type, 22 here; a method or an empty line with something else.
            let first = unsafe lane.input[0]
            if (0x41...0x5A).contains(first) || first == 0x0D { return .notEncrypted }
        }
        lane.feed(count)
        ERR_clear_error()
        let reading = isReady ? unsafe decrypt(into: buffer) : unsafe handshake(then: buffer)
        if lane.hasOutput {
            collect()
            flush()
        }
        return reading
    }

    private func handshake(then buffer: UnsafeMutableRawBufferPointer) -> Reading {
        let code = unsafe SSL_do_handshake(session)
        guard code != 1 else {
            isReady = true
            return unsafe decrypt(into: buffer)
        }
        guard unsafe SSL_get_error(session, code) != SSL_ERROR_WANT_READ else { return .wouldBlock }
        return fail()
    }

    private func decrypt(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        var total = 0
        while total < buffer.count {
            let room = Int32(buffer.count - total)
            let count = unsafe SSL_read(session, buffer.baseAddress.map { unsafe $0 + total }, room)
            guard count <= 0 else {
                total += Int(count)
                // Most often that was all, which need not be found out by asking for more.
                guard unsafe lane.hasUnread || SSL_has_pending(session) == 1 else { break }
                continue
            }
            switch unsafe SSL_get_error(session, count) {
            case SSL_ERROR_WANT_READ: return total > 0 ? .bytes(total) : .wouldBlock
            case SSL_ERROR_ZERO_RETURN: return later(.end, after: total)
            default: return later(fail(), after: total)
            }
        }
        return .bytes(total)
    }

    private func later(_ reading: Reading, after total: Int) -> Reading {
        guard total > 0 else { return reading }
        unreported = reading
        return .bytes(total)
    }

    /// OpenSSL has written an alert that says why, if there is one; nothing more may be asked of it.
    private func fail() -> Reading {
        hasFailed = true
        let isHandshake = !isReady
        let reason = OpenSSLErrors.take("failed")
        if isHandshake { onFailure(reason) }
        return .refused
    }
}

/// Writing.
extension TLSTransport {
    func write(_ output: Output, from offset: Int) -> Writing {
        guard !hasFailed else { return .failed }
        guard isReady else { return .wouldBlock }
        var sent = 0
        if hasPendingOutput {
            let before = pending.count - pendingStart
            flush()
            sent = before - (pending.count - pendingStart)
        }
        if unsent == 0, !hasPendingOutput {
            ERR_clear_error()
            guard encrypt(output, from: offset) else {
                hasFailed = true
                return .failed
            }
            sent = sendOutput()
        }
        guard !hasFailed else { return .failed }
        return progress(sent)
    }

    /// How much of the output counts as taken once the network has `sent` more of its encrypted bytes: the
    /// last byte only with the last of them.
    private func progress(_ sent: Int) -> Writing {
        let count = hasPendingOutput ? min(sent, unsent - 1) : unsent
        guard count > 0 else { return .wouldBlock }
        unsent -= count
        return .bytes(count)
    }

    /// Encrypts the next piece of an output. The first record holds the head and the beginning of the body: a
    /// small answer is one record.
    private func encrypt(_ output: Output, from offset: Int) -> Bool {
        var offset = offset
        if offset < output.head.count {
            let count = gather(output, from: offset)
            guard unsafe encrypt(UnsafeRawBufferPointer(lane.record), count) else { return false }
            offset += count
        }
        let rest = min(output.count - offset, TLSTransport.writeBytes)
        if rest > 0 {
            let place = offset - output.head.count
            let isDone = unsafe output.body.withUnsafeBytes { body in
                unsafe encrypt(UnsafeRawBufferPointer(rebasing: body[place...]), rest)
            }
            guard isDone else { return false }
        }
        if output.isLast, offset + rest == output.count { sealEnd() }
        return true
    }

    /// Fills the lane's record with the head from `offset` on and the body behind it; returns how much it took.
    private func gather(_ output: Output, from offset: Int) -> Int {
        let fromHead = min(TLSLane.recordBytes, output.head.count - offset)
        let fromBody = min(TLSLane.recordBytes - fromHead, output.body.count)
        unsafe output.head.withUnsafeBytes { head in
            unsafe lane.record.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: head[offset..<offset + fromHead]))
        }
        unsafe output.body.withUnsafeBytes { body in
            unsafe UnsafeMutableRawBufferPointer(rebasing: lane.record[fromHead...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: body[..<fromBody]))
        }
        return fromHead + fromBody
    }

    private func encrypt(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> Bool {
        var done = 0
        while done < count {
            let start = unsafe bytes.baseAddress.map { unsafe $0 + done }
            let taken = unsafe SSL_write(session, start, Int32(count - done))
            guard taken > 0 else { return false }
            done += Int(taken)
        }
        unsent += count
        return true
    }

    /// Sends what OpenSSL wrote straight from the lane and keeps the rest; returns how much went.
    private func sendOutput() -> Int {
        let bytes = unsafe lane.takeOutput()
        guard unsafe !bytes.isEmpty else { return 0 }
        switch unsafe Socket.send(descriptor, bytes, endFollows: hasEndedOutput) {
        case .bytes(let count):
            unsafe pending.append(contentsOf: bytes[count...])
            return count
        case .wouldBlock:
            unsafe pending.append(contentsOf: bytes)
            return 0
        case .failed:
            hasFailed = true
            return 0
        }
    }

    /// Keeps what OpenSSL wrote behind what waits already.
    private func collect() {
        unsafe pending.append(contentsOf: lane.takeOutput())
        if pending.count - pendingStart > TLSTransport.pendingLimit { hasFailed = true }
    }

    func flush() {
        while pendingStart < pending.count {
            let outcome = unsafe pending.withUnsafeBytes { bytes in
                unsafe Socket.send(descriptor, UnsafeRawBufferPointer(rebasing: bytes[pendingStart...]))
            }
            switch outcome {
            case .bytes(let count): pendingStart += count
            case .wouldBlock: return
            case .failed:
                hasFailed = true
                unreported = .failed
                pendingStart = pending.count
            }
        }
        pending = []
        pendingStart = 0
        if endsAfterFlush {
            endsAfterFlush = false
            Socket.endOutput(descriptor)
        }
    }
}

/// The end.
extension TLSTransport {
    /// close_notify (RFC 8446 §6.1), then the end of the stream once that is sent.
    func endOutput() {
        notifyClose()
        if hasPendingOutput { endsAfterFlush = true } else { Socket.endOutput(descriptor) }
    }

    /// Without waiting: a peer that does not read its answer would not read this either.
    func close() { notifyClose() }

    private func notifyClose() {
        guard isReady, !hasFailed, !hasEndedOutput else { return }
        sealEnd()
        collect()
        flush()
    }

    /// Writes close_notify behind what has been written.
    private func sealEnd() {
        hasEndedOutput = true
        ERR_clear_error()
        _ = unsafe SSL_shutdown(session)
    }
}

private import COpenSSL

/// Buffers between OpenSSL and the sockets of one loop: encrypted bytes that were read, encrypted bytes to be
/// written. A loop does one thing at a time, so all its connections share them, and an idle connection
/// holds none.
///
/// A connection's BIO reads and writes here. That is faster than sockets in OpenSSL's hands, which reads each
/// record's header by a system call of its own, and than memory BIOs, which copy once more and keep their size.
///
/// Used on the loop's thread only.
@safe final class TLSLane {
    /// With what OpenSSL holds of an unfinished record this stays below ``roomBytes``, so that one read
    /// of a socket never leaves decrypted bytes behind.
    private static let inputBytes = 40_960
    /// Room for all that input and such a record come to.
    static let roomBytes = 65_536
    private static let outputBytes = 131_072
    /// The most that a record holds (RFC 8446 §5.1).
    static let recordBytes = 16_384

    let input: UnsafeMutableRawBufferPointer
    /// For the first record of an answer: the head with the beginning of the body.
    let record: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer
    private var unread: UnsafeRawBufferPointer.SubSequence
    private var outputCount = 0

    init() {
        unsafe input = .allocate(byteCount: TLSLane.inputBytes, alignment: 16)
        unsafe record = .allocate(byteCount: TLSLane.recordBytes, alignment: 16)
        unsafe output = .allocate(byteCount: TLSLane.outputBytes, alignment: 16)
        unsafe unread = unsafe UnsafeRawBufferPointer(input)[..<0]
    }

    deinit {
        unsafe input.deallocate()
        unsafe record.deallocate()
        unsafe output.deallocate()
    }

    /// Whether OpenSSL has not read all of that yet.
    var hasUnread: Bool { unsafe !unread.isEmpty }
    var hasOutput: Bool { outputCount > 0 }

    /// Makes the first `count` bytes of ``input`` what OpenSSL reads next.
    func feed(_ count: Int) { unsafe unread = unsafe UnsafeRawBufferPointer(input)[..<count] }

    /// What OpenSSL has written since the last time; good until it writes again.
    func takeOutput() -> UnsafeRawBufferPointer {
        defer { outputCount = 0 }
        return unsafe UnsafeRawBufferPointer(rebasing: output[..<outputCount])
    }

    /// A BIO on this lane, which has to outlive it; nil when there is no memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe TLSLane.method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private func read(_ target: UnsafeMutableRawPointer, _ capacity: Int) -> Int {
        let piece = unsafe unread.prefix(capacity)
        guard let start = unsafe UnsafeRawBufferPointer(rebasing: piece).baseAddress, unsafe !piece.isEmpty
        else { return 0 }
        unsafe target.copyMemory(from: start, byteCount: piece.count)
        unsafe unread.removeFirst(piece.count)
        return unsafe piece.count
    }

    private func write(_ source: UnsafeRawPointer, _ count: Int) -> Bool {
        guard unsafe count <= output.count - outputCount, let start = unsafe output.baseAddress else {
            return false
        }
        unsafe (start + outputCount).copyMemory(from: source, byteCount: count)
        outputCount += count
        return true
    }
}

/// The BIO's methods.
extension TLSLane {
    private static func lane(of bio: OpaquePointer?) -> TLSLane? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged.fromOpaque(data).takeUnretainedValue()
    }

    /// Made once, never changed, never freed.
    nonisolated(unsafe) private static let method: OpaquePointer? = {
        guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lane") else {
            return nil
        }
        unsafe BIO_meth_set_read(method) { bio, target, capacity in
            unsafe firstlead_bio_clear_retry(bio)
            guard let lane = unsafe lane(of: bio), let target = unsafe target, capacity > 0 else { return 0 }
            let count = unsafe lane.read(target, Int(capacity))
            guard count == 0 else { return Int32(count) }
            unsafe firstlead_bio_set_retry_read(bio)
            return -1
        }
        unsafe BIO_meth_set_write(method) { bio, source, count in
            unsafe firstlead_bio_clear_retry(bio)
            guard let lane = unsafe lane(of: bio), let source = unsafe source, count > 0 else { return 0 }
            return unsafe lane.write(source, Int(count)) ? count : -1
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe method
    }()
}

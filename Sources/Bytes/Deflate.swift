private import CZlib

/// Compresses bytes as one gzip member (RFC 1952).
package enum Deflate {
    /// The member, or nil when there is no memory for it or `bytes` is beyond zlib's counters.
    ///
    /// `level`: 1 is fastest, 9 smallest. Answers are compressed while a client waits, hence a low default.
    package static func gzip(_ bytes: [UInt8], level: Int32 = 4) -> [UInt8]? {
        guard bytes.count < Int(UInt32.max) / 2 else { return nil }
        var stream = unsafe z_stream()
        // 15 for the largest window, 16 for the gzip wrapper, 8 for zlib's usual memory.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        guard
            unsafe deflateInit2_(
                &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { unsafe _ = deflateEnd(&stream) }
        let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        var isComplete = false
        let member = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                // zlib takes a mutable pointer and does not write through it.
                unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                isComplete = unsafe deflate(&stream, Z_FINISH) == Z_STREAM_END
                unsafe count = Int(stream.total_out)
            }
        }
        return isComplete ? member : nil
    }
}

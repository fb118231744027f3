private import COpenSSL

/// The three checksums of a FLAC stream.
enum FLACChecksum {
    private static let table8: [UInt8] = (0..<256).map { index in
        (0..<8).reduce(UInt8(index)) { value, _ in value & 0x80 == 0 ? value << 1 : value << 1 ^ 0x07 }
    }

    private static let table16: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { value, _ in
            value & 0x8000 == 0 ? value << 1 : value << 1 ^ 0x8005
        }
    }

    /// CRC-8 with the polynomial x^8 + x^2 + x + 1, of a frame's header (RFC 9639 section 9.1.8).
    static func crc8(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.reduce(0) { table8[Int($0 ^ $1)] }
    }

    /// CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, of a whole frame (RFC 9639 section 9.3).
    static func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var value: UInt16 = 0
        for byte in bytes { value = value << 8 ^ table16[Int(value >> 8) ^ Int(byte)] }
        return value
    }

    /// MD5 of the samples, channels interleaved, each in whole bytes, least significant first (RFC 9639 section 8.2); nil on
    /// an installation of OpenSSL that forbids MD5. It finds damage, it guards nothing.
    static func md5(of channels: [PackedIntegers], bitsPerSample: Int) -> [UInt8]? {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestInit_ex(context, EVP_md5(), nil) == 1 else { return nil }
        let width = (bitsPerSample + 7) / 8
        let count = channels[0].count
        var bytes: [UInt8] = []
        var samples = channels.map { $0.makeIterator() }
        for start in stride(from: 0, to: count, by: 256) {
            bytes.removeAll(keepingCapacity: true)
            for _ in start..<min(start + 256, count) {
                for channel in samples.indices {
                    let sample = samples[channel].next() ?? 0
                    for byte in 0..<width {
                        bytes.append(UInt8(truncatingIfNeeded: sample >> Int32(8 * byte)))
                    }
                }
            }
            unsafe EVP_DigestUpdate(context, bytes, bytes.count)
        }
        var sum = [UInt8](repeating: 0, count: 16)
        guard unsafe EVP_DigestFinal_ex(context, &sum, nil) == 1 else { return nil }
        return sum
    }
}

/// Philips XLI: 10-bit LZW of bytes that are second differences, a block for each lead.
///
/// A block is `size` (int32), a code (int16, always 1), the start value (int16), all little-endian, then `size` bytes of
/// LZW: codes of ten bits, most significant bit first, a dictionary that stops growing at 1,022. The bytes are the high
/// halves of all 16-bit values, then the low halves. The first two values stand as they are; the others are
/// x[i] = 2 x[i-1] - x[i-2] - d, where d is the previous value's difference less 64 (at first the start value).
/// Source: sixlettervariables/sierra-ecg-tools, docs and `jsierraecg` (MIT).
enum XLI {
    static let headerBytes = 8

    /// Decodes the leads of a compressed run one after the other, each of `samples` values, or of one more.
    ///
    /// Throws: ``FormatError`` with the byte offset within the compressed run.
    static func decode(
        _ bytes: [UInt8], samples: Int, leads: Int, place: FormatError.Place,
        each take: (_ values: [Int16]) -> Void
    ) throws(FormatError) {
        var decoded = 0
        var offset = 0
        let truncated = { (what: String) in
            FormatError(
                .truncated, place: place,
                detail: "XLI byte \(offset) of \(bytes.count), lead \(decoded + 1): \(what)")
        }
        while decoded < leads {
            guard bytes.count - offset >= headerBytes else { throw truncated("no block, expected \(leads)") }
            let size = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
            let start = Int16(bitPattern: UInt16(bytes[offset + 6]) | UInt16(bytes[offset + 7]) << 8)
            offset += headerBytes
            guard size <= bytes.count - offset else {
                throw truncated("a block of \(size) bytes, \(bytes.count - offset) are left")
            }
            let halves = LZW.decode(bytes[offset..<offset + size], limit: 2 * samples + 16)
            offset += size
            guard halves.count >= 2 * samples, halves.count <= 2 * samples + 1 else {
                throw truncated("\(halves.count / 2) samples, expected \(samples)")
            }
            take(integrated(halves, start))
            decoded += 1
        }
    }

    /// Values of second differences.
    private static func integrated(_ halves: [UInt8], _ start: Int16) -> [Int16] {
        let count = halves.count / 2 + halves.count % 2
        var values = (0..<count).map { index in
            let low = count + index < halves.count ? halves[count + index] : 0
            return Int16(bitPattern: UInt16(halves[index]) << 8 | UInt16(low))
        }
        guard count > 2 else { return values }
        var last = start
        for index in 2..<count {
            let value = values[index - 1] &+ values[index - 1] &- values[index - 2] &- last
            last = values[index] &- 64
            values[index] = value
        }
        return values
    }
}

/// Lempel-Ziv-Welch with codes of ten bits (T. A. Welch, A technique for high-performance data compression, Computer
/// 1984;17(6):8), as XLI uses it: no clear code; 1,023 ends the data, as does the end of the bytes.
private enum LZW {
    private static let bits = 10
    private static let lastCode = (1 << bits) - 2

    /// The bytes, at most `limit` and one string more; what follows a code that cannot be there is left out.
    static func decode(_ bytes: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(limit)
        // A string of the dictionary is a run of the output: where it ended and how long it was.
        var strings: [Range<Int>] = []
        var previous = 0..<0
        var buffer: UInt32 = 0
        var count = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            count += 8
            guard count >= bits else { continue }
            count -= bits
            let code = Int(buffer >> UInt32(count)) & 0x3FF
            guard code <= lastCode, output.count < limit else { return output }
            let start = output.count
            if code < 256 {
                output.append(UInt8(code))
            } else if code - 256 < strings.count {
                for place in strings[code - 256] { output.append(output[place]) }
            } else {
                guard code - 256 == strings.count, !previous.isEmpty else { return output }
                for place in previous { output.append(output[place]) }
                output.append(output[previous.lowerBound])
            }
            // The previous string and the first byte of this one stand side by side in the output.
            if !previous.isEmpty, strings.count + 256 <= lastCode {
                strings.append(previous.lowerBound..<start + 1)
            }
            previous = start..<output.count
        }
        return output
    }
}

/// How a WFDB signal file stores its samples one by one (PhysioNet, WFDB Applications Guide, signal(5)).
package enum WFDBEncoding: Int, Sendable, CaseIterable {
    /// 8-bit first differences.
    case differences8 = 8
    /// 16-bit two's complement, least significant byte first.
    case little16 = 16
    /// 24-bit two's complement, least significant byte first.
    case little24 = 24
    /// 32-bit two's complement, least significant byte first.
    case little32 = 32
    /// 16-bit two's complement, most significant byte first.
    case big16 = 61
    /// 8-bit offset binary.
    case offset8 = 80
    /// 16-bit offset binary, least significant byte first.
    case offset16 = 160
    /// Two 12-bit samples in three bytes.
    case packed12 = 212
    /// Three 10-bit samples in four bytes, the third in the high bits of two 16-bit words.
    case packed10 = 310
    /// Three 10-bit samples in the low 30 bits of four bytes.
    case packed10Low = 311

    /// The value that marks a missing sample; differences have none.
    package var missing: Int32? {
        switch self {
        case .differences8: nil
        case .little16, .big16, .offset16: -0x8000
        case .little24: -0x80_0000
        case .little32: Int32.min
        case .offset8: -0x80
        case .packed12: -0x800
        case .packed10, .packed10Low: -0x200
        }
    }

    /// Bytes that `count` samples take; packed groups may be cut behind the last one's bits.
    package func byteCount(of count: Int) -> Int {
        switch self {
        case .differences8, .offset8: count
        case .little16, .big16, .offset16: count * 2
        case .little24: count * 3
        case .little32: count * 4
        case .packed12: count / 2 * 3 + count % 2 * 2
        case .packed10: count / 3 * 4 + count % 3 * 2
        case .packed10Low: count / 3 * 4 + (count % 3 == 0 ? 0 : count % 3 + 1)
        }
    }

    /// The most samples that fit into a number of bytes.
    package func sampleCount(of bytes: Int) -> Int {
        switch self {
        case .differences8, .offset8: bytes
        case .little16, .big16, .offset16: bytes / 2
        case .little24: bytes / 3
        case .little32: bytes / 4
        case .packed12: bytes / 3 * 2 + bytes % 3 / 2
        case .packed10: bytes / 4 * 3 + bytes % 4 / 2
        case .packed10Low: bytes / 4 * 3 + max(0, bytes % 4 - 1)
        }
    }

    /// Decodes `count` samples, whose bytes the caller has checked to be there.
    ///
    /// Differences are left as they are: what they add to depends on the signal.
    package func decode(_ bytes: ArraySlice<UInt8>, count: Int) -> [Int32] {
        switch self {
        case .differences8: Self.map(bytes, count, width: 1) { Int32(Int8(bitPattern: $0[0])) }
        case .little16: Self.map(bytes, count, width: 2) { Int32(Int16(bitPattern: Self.word($0, 0))) }
        case .big16:
            Self.map(bytes, count, width: 2) { Int32(Int16(bitPattern: Self.word($0, 0).byteSwapped)) }
        case .offset16: Self.map(bytes, count, width: 2) { Int32(Self.word($0, 0)) - 0x8000 }
        case .offset8: Self.map(bytes, count, width: 1) { Int32($0[0]) - 0x80 }
        case .little24:
            Self.map(bytes, count, width: 3) {
                Self.signed(UInt32($0[0]) | UInt32($0[1]) << 8 | UInt32($0[2]) << 16, bits: 24)
            }
        case .little32:
            Self.map(bytes, count, width: 4) {
                Int32(bitPattern: UInt32(Self.word($0, 0)) | UInt32(Self.word($0, 2)) << 16)
            }
        case .packed12: Self.groups(bytes, count, width: 3, samples: 2, Self.unpack12)
        case .packed10: Self.groups(bytes, count, width: 4, samples: 3, Self.unpack10)
        case .packed10Low: Self.groups(bytes, count, width: 4, samples: 3, Self.unpack10Low)
        }
    }

    @inline(__always)
    private static func map(
        _ bytes: ArraySlice<UInt8>, _ count: Int, width: Int, _ read: (Bytes) -> Int32
    ) -> [Int32] {
        var samples = [Int32]()
        samples.reserveCapacity(count)
        for index in 0..<count {
            samples.append(read(Bytes(all: bytes, start: bytes.startIndex + index * width)))
        }
        return samples
    }

    /// Unpacks whole groups; the last one is filled up with zeros, whose samples are dropped.
    private static func groups(
        _ bytes: ArraySlice<UInt8>, _ count: Int, width: Int, samples perGroup: Int,
        _ unpack: (Bytes, Int) -> Int32
    ) -> [Int32] {
        let whole = (count + perGroup - 1) / perGroup
        var padded = bytes.prefix(whole * width)
        padded.append(contentsOf: [UInt8](repeating: 0, count: whole * width - padded.count))
        var samples = [Int32]()
        samples.reserveCapacity(count)
        for index in 0..<count {
            let start = padded.startIndex + index / perGroup * width
            samples.append(unpack(Bytes(all: padded, start: start), index % perGroup))
        }
        return samples
    }

    private static func unpack12(_ group: Bytes, _ place: Int) -> Int32 {
        let value =
            place == 0
            ? UInt32(group[0]) | UInt32(group[1] & 0x0F) << 8
            : UInt32(group[2]) | UInt32(group[1] & 0xF0) << 4
        return signed(value, bits: 12)
    }

    private static func unpack10(_ group: Bytes, _ place: Int) -> Int32 {
        let words = (UInt32(word(group, 0)), UInt32(word(group, 2)))
        return switch place {
        case 0: signed(words.0 >> 1 & 0x3FF, bits: 10)
        case 1: signed(words.1 >> 1 & 0x3FF, bits: 10)
        default: signed(words.0 >> 11 | (words.1 >> 11) << 5, bits: 10)
        }
    }

    private static func unpack10Low(_ group: Bytes, _ place: Int) -> Int32 {
        let all = UInt32(word(group, 0)) | UInt32(word(group, 2)) << 16
        return signed(all >> UInt32(10 * place) & 0x3FF, bits: 10)
    }

    private static func word(_ bytes: Bytes, _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    private static func signed(_ value: UInt32, bits: UInt32) -> Int32 {
        Int32(bitPattern: value << (32 - bits)) >> Int32(32 - bits)
    }

    /// A view from one byte on.
    private struct Bytes {
        let all: ArraySlice<UInt8>
        let start: Int

        subscript(offset: Int) -> UInt8 { all[start + offset] }
    }
}

/// Writes FLAC streams bit by bit, so that a test can write what no encoder would (RFC 9639).
struct FLACWriter {
    private(set) var bytes: [UInt8] = []
    private var spare = 0

    /// The low bits of a number, the highest first.
    mutating func put(_ value: Int, _ count: Int) {
        for bit in (0..<count).reversed() {
            if spare == 0 {
                bytes.append(0)
                spare = 8
            }
            spare -= 1
            bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(spare)
        }
    }

    /// A number in Rice code.
    mutating func rice(_ value: Int, parameter: Int) {
        let folded = value < 0 ? -2 * value - 1 : 2 * value
        put(0, folded >> parameter)
        put(1, 1)
        put(folded, parameter)
    }

    /// "fLaC", STREAMINFO without MD5, further blocks of metadata, frames.
    static func stream(
        channels: Int = 1, bits: Int = 8, samples: Int = 0, largestBlock: Int = 4_096, md5: [UInt8]? = nil,
        metadata: [UInt8] = [], frames: [[UInt8]]
    ) -> [UInt8] {
        var writer = FLACWriter()
        for byte in "fLaC".utf8 { writer.put(Int(byte), 8) }
        writer.put(metadata.isEmpty ? 0x80 : 0, 8)
        writer.put(34, 24)
        for (value, count) in [
            (16, 16), (largestBlock, 16), (0, 48), (500, 20), (channels - 1, 3), (bits - 1, 5), (samples, 36),
        ] { writer.put(value, count) }
        return writer.bytes + (md5 ?? [UInt8](repeating: 0, count: 16)) + metadata + frames.flatMap(\.self)
    }

    /// A frame of `size` samples with both checksums; `edit` changes the header before they are made.
    static func frame(
        size: Int = 16, channels: Int = 0, extra: (rate: Int, bits: Int) = (0, 0), number: [UInt8] = [0],
        edit: (inout [UInt8]) -> Void = { _ in }, _ body: (inout FLACWriter) -> Void
    ) -> [UInt8] {
        var writer = FLACWriter()
        for (value, count) in [(0xFFF8, 16), (7, 4), (extra.rate, 4), (channels, 4), (0, 4)] {
            writer.put(value, count)
        }
        for byte in number { writer.put(Int(byte), 8) }
        writer.put(size - 1, 16)
        writer.put(0, extra.bits)
        edit(&writer.bytes)
        writer.put(crc(writer.bytes, polynomial: 0x07, width: 8), 8)
        body(&writer)
        writer.spare = 0
        writer.put(crc(writer.bytes, polynomial: 0x8005, width: 16), 16)
        return writer.bytes
    }

    private static func crc(_ bytes: [UInt8], polynomial: Int, width: Int) -> Int {
        var value = 0
        for byte in bytes {
            for bit in (0..<8).reversed() {
                let carry = value >> (width - 1) & 1 ^ Int(byte) >> bit & 1
                value = value << 1 & (1 << width - 1) ^ (carry == 1 ? polynomial : 0)
            }
        }
        return value
    }
}

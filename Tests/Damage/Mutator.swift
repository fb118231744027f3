/// Damages bytes at random, the same way for the same seed: what a bad line, a bad disk or an attacker would do.
package struct Mutator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A copy of `bytes` with one to four kinds of damage; `donor` lends pieces.
    package mutating func mutate(_ bytes: [UInt8], donor: [UInt8]) -> [UInt8] {
        var damaged = bytes
        for _ in 0...below(4) { damage(&damaged, donor: donor) }
        return damaged
    }

    private mutating func damage(_ bytes: inout [UInt8], donor: [UInt8]) {
        guard !bytes.isEmpty else { return bytes = [UInt8(below(256))] }
        let at = below(bytes.count)
        switch below(10) {
        case 0: bytes[at] ^= 1 << UInt8(below(8))
        case 1: bytes[at] = UInt8(below(256))
        case 2: overwrite(&bytes, at: at, with: Self.counts[below(Self.counts.count)])
        case 3: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(64)))
        case 4: bytes.insert(contentsOf: piece(of: bytes), at: at)
        case 5: bytes.insert(contentsOf: (0...below(8)).map { _ in UInt8(below(256)) }, at: at)
        case 6: bytes.removeSubrange(at...)
        case 7: bytes.insert(contentsOf: piece(of: donor), at: at)
        case 8: replaceNumber(&bytes, from: at)
        default: overwrite(&bytes, at: at, with: piece(of: donor))
        }
    }

    /// Up to 256 bytes from somewhere within.
    private mutating func piece(of bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        let start = below(bytes.count)
        return Array(bytes[start..<min(bytes.count, start + 1 + below(256))])
    }

    private func overwrite(_ bytes: inout [UInt8], at start: Int, with piece: [UInt8]) {
        let end = min(bytes.count, start + piece.count)
        bytes.replaceSubrange(start..<end, with: piece.prefix(end - start))
    }

    /// Puts another number in place of the first decimal one behind `start`.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from start: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = bytes[start...].firstIndex(where: digits.contains) else { return }
        let end = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
        bytes.replaceSubrange(first..<end, with: Self.numbers[below(Self.numbers.count)].utf8)
    }

    /// A number below `limit` (SplitMix64, Steele et al. 2014; the bias of the remainder does not matter here).
    private mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }

    /// Lengths and counts at the edges of two and four bytes, in both byte orders.
    private static let counts: [[UInt8]] = [
        [0, 0], [0xFF, 0xFF], [0xFF, 0x7F], [0x7F, 0xFF], [0, 0x80], [0x80, 0],
        [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0x7F, 0xFF, 0xFF, 0xFF],
        [0, 0, 0, 0x80], [0x80, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1],
    ]
    private static let numbers = [
        "0", "-1", "1", "255", "65536", "2147483648", "4294967295", "9223372036854775807",
        "99999999999999999999", "1e308", "1e-308", "NaN", "-0.0", "0x10", "1.5", "",
    ]
}

/// A shuffle of 0..<count that is computed place by place, so that a cohort of any size needs no memory for it.
///
/// A Feistel network over the next power of four, walked until it lands inside (Black and Rogaway, CT-RSA 2002, "cycle
/// walking"): on average fewer than four steps.
struct IndexPermutation: Sendable {
    private let count: UInt64
    private let halfBits: UInt64
    private let seed: UInt64
    private static let rounds: UInt64 = 6

    init(count: Int, seed: UInt64) {
        self.count = UInt64(count)
        self.seed = seed
        var bits: UInt64 = 1
        while bits < 31, 1 << (2 * bits) < self.count { bits += 1 }
        halfBits = bits
    }

    /// Where index goes; a bijection of 0..<count.
    func callAsFunction(_ index: Int) -> Int {
        precondition(index >= 0 && UInt64(index) < count, "an index of the permutation")
        var place = UInt64(index)
        repeat { place = once(place) } while place >= count
        return Int(place)
    }

    private func once(_ value: UInt64) -> UInt64 {
        let mask: UInt64 = 1 << halfBits - 1
        var left = value >> halfBits
        var right = value & mask
        for round in 0..<Self.rounds {
            let stirred = SeededGenerator.mixed(seed &+ round &* 0x9E37_79B9_7F4A_7C15 ^ right)
            (left, right) = (right, left ^ stirred & mask)
        }
        return left << halfBits | right
    }
}

private import Foundation

/// Random numbers that a seed determines: xoshiro256** (Blackman and Vigna, ACM TOMS 47:36, 2021), its state filled by
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) as its authors advise.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// The sequence of a seed. `stream` picks one of many unrelated sequences of the same seed.
    package init(seed: UInt64, stream: UInt64 = 0) {
        var splitMix = Self.mixed(seed) ^ Self.mixed(~stream)
        func next() -> UInt64 {
            splitMix &+= 0x9E37_79B9_7F4A_7C15
            return Self.mixed(splitMix)
        }
        state = (next(), next(), next(), next())
    }

    /// Continues from a state; not all of it may be zero.
    package init(state: (UInt64, UInt64, UInt64, UInt64)) {
        precondition(state != (0, 0, 0, 0), "xoshiro stands still at zero")
        self.state = state
    }

    package mutating func next() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    /// SplitMix64's finaliser: a bijection of the 64-bit numbers in which every input bit stirs every output bit.
    static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    package mutating func uniform() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// Uniform between two bounds.
    package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// Normal with mean 0 and deviation 1, by Box and Muller (Ann. Math. Stat. 29:610, 1958), cosine branch only: one
    /// number takes two draws, whatever was drawn before.
    package mutating func gaussian() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }
}

import Risk
import Testing

@Suite struct SplitMix64Tests {
    /// First outputs for seed 1234567, as published with the reference implementation (prng.di.unimi.it).
    @Test func yieldsThePublishedSequence() {
        var generator = SplitMix64(seed: 1_234_567)
        let published: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(published.map { _ in generator.next() } == published)
    }

    @Test func drawsEachOutcomeEquallyOften() {
        var generator = SplitMix64(seed: 5)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[generator.below(7)] += 1 }
        // Chi-square with 6 degrees of freedom exceeds 22.5 once in 1,000.
        let chiSquare = counts.map { Double(($0 - 10_000) * ($0 - 10_000)) / 10_000 }.reduce(0, +)
        #expect(chiSquare < 22.5)
    }

    @Test func shufflesToAPermutation() {
        var generator = SplitMix64(seed: 5)
        let shuffled = generator.shuffled(Array(0..<100))
        #expect(shuffled != Array(0..<100))
        #expect(shuffled.sorted() == Array(0..<100))
        #expect(generator.shuffled([Int]()).isEmpty)
    }
}

import Networks
import Tensor
import Testing

/// SplitMix64, for initial weights.
private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct ResNetTrainingTests {
    private static let config = ResNetConfig(leads: 2, width: 4, blocks: [1, 1])

    private func beginning(_ seed: UInt64 = 1) -> ResNetTraining {
        var generator = Generator(state: seed)
        return ResNetTraining(
            network: ResNet(Self.config, generator: &generator), optimiser: Adam(learningRate: 0.01))
    }

    /// Noise, so that there is nothing to learn but the records themselves.
    private static let records = (0..<64).map { SeededWeights.uniform("record \($0)", count: 2 * 32) }
    private static let labels = (0..<64).map { SeededWeights.fnv1a("label \($0)") >> 20 & 1 == 1 }

    @Test func learnsSixtyFourRecordsByHeart() {
        var training = beginning()
        for _ in 0..<80 {
            training.epoch(
                Self.records, labels: Self.labels, order: Array(0..<64), batch: 64, pool: .single)
        }
        // Guessing costs log 2.
        #expect(training.losses[0] > 0.5)
        #expect(training.losses[79] < 0.05)
    }

    @Test func aLastBatchOfOneJoinsTheOneBefore() {
        var training = beginning()
        var ends: [Int] = []
        training.epoch(
            Self.records, labels: Self.labels, order: Array(0..<9), batch: 4, pool: .single
        ) { ends.append($0) }
        #expect(ends == [4, 9])
        #expect(training.optimiser.steps == 2)
    }

    @Test func equalSeedsGiveEqualNetworks() {
        #expect(beginning(7).network.parameters == beginning(7).network.parameters)
        #expect(beginning(7).network.parameters != beginning(8).network.parameters)
    }
}

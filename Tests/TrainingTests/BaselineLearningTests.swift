import ECG
import Networks
import Preprocessing
import Risk
import Simulation
import Tensor
import Testing
import Training

/// That the baseline learns: by heart, and for patients that it has not seen.
@Suite struct BaselineLearningTests {
    private static let pool = WorkerPool(threads: 2)

    /// Simulated ECGs as the baseline takes them.
    private static func signals(
        _ count: Int, seed: UInt64
    ) throws -> (records: [[Float]], labels: [Bool]) {
        let cohort = try SimulatedCohort(size: count, positives: count / 2, seed: seed, sampleRateHertz: 250)
        let recipe = BaselinePreprocessing()
        var (records, labels): ([[Float]], [Bool]) = ([], [])
        for ecg in cohort {
            records.append(try recipe.segments(of: ecg.recording())[0].values)
            labels.append(ecg.label)
        }
        return (records, labels)
    }

    private static var beginning: ResNetTraining {
        var generator = SplitMix64(seed: 1)
        let config = ResNetConfig(leads: 12, width: 4, blocks: [1, 1, 1])
        return ResNetTraining(
            network: ResNet(config, generator: &generator), optimiser: Adam(learningRate: 0.01))
    }

    @Test func learnsSixtyFourECGsByHeart() throws {
        let (records, labels) = try Self.signals(64, seed: 11)
        var training = Self.beginning
        for epoch in 0..<40 {
            let order = (0..<64).map { ($0 * 27 + 7 * epoch) % 64 }
            training.epoch(records, labels: labels, order: order, batch: 64, pool: Self.pool)
        }
        // Guessing costs log 2.
        #expect(training.losses[0] > 0.4)
        #expect((training.losses.last ?? 1) < 0.02, "\(training.losses)")
    }

    @Test func ranksECGsThatItHasNotSeenBetterThanChance() throws {
        let learnt = try Self.signals(256, seed: 21)
        let unseen = try Self.signals(96, seed: 22)
        var training = Self.beginning
        for epoch in 0..<8 {
            let order = (0..<256).map { ($0 * 35 + 11 * epoch) % 256 }
            training.epoch(learnt.records, labels: learnt.labels, order: order, batch: 64, pool: Self.pool)
        }
        let logits = try training.network.logits(ofSegments: unseen.records, pool: Self.pool)
        let area = try ScoredLabels(
            scores: logits.map { Double($0) }, isPositive: unseen.labels
        ).areaUnderROC
        // By chance the area of 48 against 48 is 0.5 with a standard deviation of 0.059 (Hanley and McNeil,
        // Radiology 1982): four of them above.
        #expect(area > 0.74, "\(area)")
    }
}

package import Bytes
import Networks
package import Tensor

/// Speed of the baseline's network at full size, on deterministic weights and signals: training steps, and inference one
/// ECG after the other.
package struct BaselineSpeed {
    /// What is timed.
    package enum Work: String, CaseIterable, Sendable {
        /// One batch: forward and backward pass and Adam's update.
        case train
        /// The same ECGs scored one by one.
        case infer
    }

    private static let samples = 2_500

    /// ECGs of a step.
    package let batch: Int
    private let pool: WorkerPool
    private let records: [[Float]]
    private let labels: [Bool]
    private let inference: FoldedResNet
    private var training: ResNetTraining
    private let step = ResNetStep(.resNet50, positions: samples)

    /// Throws: never with deterministic weights, which are complete.
    package init(batch: Int, pool: WorkerPool) throws(WeightError) {
        precondition(batch >= 2)
        self.batch = batch
        self.pool = pool
        records = (0..<batch).map { SeededWeights.uniform("ecg \($0)", count: 12 * Self.samples) }
        labels = (0..<batch).map { $0 % 3 == 0 }
        let network = try ResNet<Float>(.resNet50, from: SeededWeights())
        inference = try FoldedResNet(.resNet50, positions: Self.samples, from: network)
        training = ResNetTraining(network: network, optimiser: Adam(learningRate: 0.001))
    }

    /// Seconds that a batch takes.
    package mutating func seconds(_ work: Work) -> Double {
        let begin = ContinuousClock.now
        switch work {
        case .train:
            training.epoch(
                records, labels: labels, order: Array(0..<batch), batch: batch, step: step, pool: pool)
        case .infer:
            for record in records { _ = inference.logit(record, pool: pool) }
        }
        let elapsed = begin.duration(to: .now)
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// Times several batches.
    package mutating func measure(_ work: Work, rounds: Int) -> Measured {
        precondition(rounds > 0)
        return Measured(
            work: work, batch: batch, threads: pool.threads,
            rates: (0..<rounds).map { _ in Double(batch) / seconds(work) })
    }

    /// ECGs per second of several batches.
    package struct Measured: Sendable {
        let work: Work
        let batch: Int
        let threads: Int
        let rates: [Double]

        package var median: Double { rates.sorted()[rates.count / 2] }

        package var document: JSONDocument {
            [
                "work": .text(work.rawValue), "batch": .integer(batch), "threads": .integer(threads),
                "ecgsPerSecond": .array(rates.map { .number($0) }), "median": .number(median),
            ]
        }
    }
}

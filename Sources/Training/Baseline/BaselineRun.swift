private import Bytes
private import Foundation
package import Networks
private import Preprocessing
private import Risk
package import Tensor

/// From a cohort to a trained baseline: every epoch ends with a checkpoint, from which an interrupted run goes on to
/// the same bits.
package struct BaselineRun {
    package let plan: BaselinePlan
    /// The safetensors file.
    package let checkpoint: String
    package let pool: WorkerPool

    package init(plan: BaselinePlan, checkpoint: String, pool: WorkerPool) {
        self.plan = plan
        self.checkpoint = checkpoint
        self.pool = pool
    }

    /// What a run reports while it works.
    package enum Progress: Sendable {
        case reading(done: Int, total: Int)
        /// Records of the epoch (from 1) that have been seen.
        case learning(epoch: Int, done: Int, total: Int)
        /// `validation` is the loss of the records that are not learnt from, where there are any.
        case epoch(Int, loss: Double, validation: Double?)
    }

    /// Trains up to the plan's number of epochs, after those that the checkpoint holds.
    ///
    /// Throws: ``TrainingError``, with every record that cannot be used, or a checkpoint of another training.
    package func run(
        _ cohort: Cohort, progress: (Progress) -> Void
    ) throws(TrainingError) -> ResNetTraining {
        let signals = try BaselineSignals(reading: cohort) { progress(.reading(done: $0, total: $1)) }
        return try run(signals, progress: progress)
    }

    /// The same on signals that have been read.
    ///
    /// Throws: ``TrainingError``.
    package func run(
        _ signals: BaselineSignals, progress: (Progress) -> Void
    ) throws(TrainingError) -> ResNetTraining {
        let (learnt, validated) = try parts(signals)
        guard learnt.segments.count > 1 else {
            throw .tooSmall(reason: "the baseline cannot learn from fewer than two records")
        }
        let file = BaselineCheckpoint(
            path: checkpoint, config: plan.config,
            identity: plan.identity(
                cohort: signals.digest.hexadecimal, recipe: BaselinePreprocessing().id))
        var training =
            FileManager.default.fileExists(atPath: checkpoint)
            ? try file.read(learningRate: plan.learningRate, isValidated: validated != nil) : beginning
        let step = ResNetStep(plan.config, positions: learnt.segments[0].count / plan.config.leads)
        let weight = try plan.positiveWeight.factor(learnt.isPositive)
        while training.losses.count < plan.epochs {
            try epoch(&training, learnt, validated, positiveWeight: weight, step, progress: progress)
            try file.write(training)
            progress(
                .epoch(
                    training.losses.count, loss: training.losses.last ?? .nan,
                    validation: training.validation?.losses.last))
        }
        return training
    }

    private func epoch(
        _ training: inout ResNetTraining, _ learnt: BaselineSignals, _ validated: BaselineSignals?,
        positiveWeight: Double, _ step: ResNetStep, progress: (Progress) -> Void
    ) throws(TrainingError) {
        let (epoch, count) = (training.losses.count + 1, learnt.segments.count)
        training.epoch(
            learnt.segments, labels: learnt.isPositive, order: order(epoch, of: count), batch: plan.batch,
            positiveWeight: positiveWeight, step: step, pool: pool
        ) { progress(.learning(epoch: epoch, done: $0, total: count)) }
        guard training.losses.last?.isFinite == true else { throw .diverged(epoch: epoch) }
        guard let validated else { return }
        do throws(WeightError) {
            try training.validate(
                validated.segments, labels: validated.isPositive, positiveWeight: positiveWeight,
                pool: pool)
        } catch { throw .diverged(epoch: epoch) }
        guard training.validation?.losses.last?.isFinite == true else { throw .diverged(epoch: epoch) }
    }

    /// What is learnt from, and what the best epoch is chosen on: drawn by patient, a function of the plan's seed.
    private func parts(
        _ signals: BaselineSignals
    ) throws(TrainingError) -> (learnt: BaselineSignals, validated: BaselineSignals?) {
        guard plan.validationShare > 0 else { return (signals, nil) }
        do throws(SplitError) {
            // A record of an unknown patient is a patient of its own.
            let patients = signals.patients.enumerated().map { $1.map { "patient \($0)" } ?? "record \($0)" }
            let split = try GroupedStratifiedSplit.split(
                isPositive: signals.isPositive, patients: patients, testShare: plan.validationShare,
                seed: plan.seed)
            return (signals.part(split.development), signals.part(split.test))
        } catch { throw .tooSmall(reason: "no validation part can be drawn: \(error.message)") }
    }

    private var beginning: ResNetTraining {
        var generator = SplitMix64(seed: plan.seed)
        return ResNetTraining(
            network: ResNet(plan.config, generator: &generator),
            optimiser: Adam(learningRate: plan.learningRate))
    }

    /// A function of seed and epoch alone, so that a run that goes on draws what it would have drawn.
    private func order(_ epoch: Int, of count: Int) -> [Int] {
        var seeds = SplitMix64(seed: plan.seed ^ 0x0E90_C4E5_0DE5_0000)
        var seed = seeds.next()
        for _ in 0..<epoch { seed = seeds.next() }
        var generator = SplitMix64(seed: seed)
        return generator.shuffled(Array(0..<count))
    }
}

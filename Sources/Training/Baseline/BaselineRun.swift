private import Bytes
private import ECG
private import ECGFormats
private import Foundation
package import Networks
private import Preprocessing
private import Risk
private import Scoring
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
        case epoch(Int, loss: Double)
    }

    /// Trains up to the plan's number of epochs, after those that the checkpoint holds.
    ///
    /// Throws: ``TrainingError``, with every record that cannot be used, or a checkpoint of another training.
    package func run(
        _ cohort: Cohort, progress: (Progress) -> Void
    ) throws(TrainingError) -> ResNetTraining {
        guard cohort.records.count > 1 else { throw .tooSmall(reason: "one record cannot be trained on") }
        let prepared = try prepare(cohort, progress: progress)
        let file = BaselineCheckpoint(
            path: checkpoint, config: plan.config,
            identity: plan.identity(cohort: prepared.digest, recipe: BaselinePreprocessing().id))
        var training =
            FileManager.default.fileExists(atPath: checkpoint)
            ? try file.read(learningRate: plan.learningRate) : beginning
        let labels = cohort.records.map(\.isPositive)
        while training.losses.count < plan.epochs {
            let epoch = training.losses.count + 1
            training.epoch(
                prepared.segments, labels: labels, order: order(epoch, of: labels.count), batch: plan.batch,
                positiveWeight: plan.positiveWeight, pool: pool
            ) { progress(.learning(epoch: epoch, done: $0, total: labels.count)) }
            guard let loss = training.losses.last, loss.isFinite else {
                throw .diverged(epoch: epoch)
            }
            try file.write(training)
            progress(.epoch(epoch, loss: loss))
        }
        return training
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

    /// Every record's segment, and the digest of them all with their labels.
    private func prepare(
        _ cohort: Cohort, progress: (Progress) -> Void
    ) throws(TrainingError) -> (segments: [[Float]], digest: String) {
        var segments: [[Float]] = []
        var problems: [TrainingError.RecordProblem] = []
        var contents: [Digest] = []
        for (index, record) in cohort.records.enumerated() {
            do throws(Refusal) {
                let submitted = try ECGFile.submission(at: record.file)
                segments.append(try segment(of: submitted))
                contents.append(submitted.digest)
            } catch {
                problems.append(.init(row: record.line, path: record.path, refusal: error))
            }
            progress(.reading(done: index + 1, total: cohort.records.count))
        }
        guard problems.isEmpty else { throw .records(problems) }
        let digest = CohortDigest.digest(
            of: zip(contents, cohort.records).map {
                (content: $0, isPositive: $1.isPositive, patient: $1.patient)
            })
        return (segments, digest.hexadecimal)
    }

    private func segment(of submitted: SubmittedECG) throws(Refusal) -> [Float] {
        let recipe = BaselinePreprocessing()
        var clock = StageClock()
        let recording = try Scorer.readScorable(
            submitted, options: ReadOptions(), neededSeconds: recipe.neededSeconds, clock: &clock
        ).recording
        do throws(PreprocessingError) {
            return try recipe.segments(of: recording)[0].values
        } catch { throw Refusal(error) }
    }
}

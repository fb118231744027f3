private import Bytes
private import Checkpoint
private import Foundation
private import Networks
private import Risk
private import Scoring
private import Synchronization
package import Tensor
package import Training

/// The paper's first row: a ResNet-50 trained on the raw signals of every development part.
///
/// A training ends with a checkpoint after every epoch, a finished one with its scores: a run that was interrupted goes on
/// where it was.
package final class BaselineMethod: ExperimentMethod {
    package let id = LoadedBaseline.id
    package let name = "Baseline"
    package let plan: BaselinePlan
    /// The cohort's, in its order.
    private let signals: BaselineSignals
    /// For checkpoints and scores.
    private let folder: String
    private let pool: WorkerPool
    private let report: @Sendable (BaselineRun.Progress) -> Void
    private let finished = Mutex<[[Double]]>([])

    private static let format = "firstlead-baseline-scores/1"

    /// `report` hears of every epoch.
    package init(
        plan: BaselinePlan, signals: BaselineSignals, folder: String, pool: WorkerPool,
        report: @escaping @Sendable (BaselineRun.Progress) -> Void = { _ in }
    ) {
        self.plan = plan
        self.signals = signals
        self.folder = folder
        self.pool = pool
        self.report = report
    }

    /// The loss of each epoch, of each reshuffle so far.
    package var losses: [[Double]] { finished.withLock { $0 } }

    /// Trains on the development part for the plan's epochs and scores the test part with the logistic function of the
    /// network's logit.
    ///
    /// Throws: ``TrainingError``.
    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        let split = reshuffle.fitting.split
        let (learnt, tested) = (signals.part(split.development), signals.part(split.test))
        let stem = "\(folder)/\(key(learnt, tested))"
        if let known = stored(stem + ".scores", count: split.test.count) {
            finished.withLock { $0.append(known.losses) }
            return MethodScores(scores: known.scores.map { Double($0) })
        }
        let checkpoint = stem + ".training"
        let trained = try BaselineRun(plan: plan, checkpoint: checkpoint, pool: pool).run(
            learnt, progress: report)
        let scores: [Float]
        do throws(WeightError) {
            scores = try trained.result.logits(ofSegments: tested.segments, pool: pool).map {
                RiskScore(margin: $0).rawScore
            }
        } catch { throw .diverged(epoch: trained.losses.count) }
        try store(scores, losses: trained.losses, at: stem + ".scores")
        // Three hundred megabytes that nobody asks for again.
        try? FileManager.default.removeItem(atPath: checkpoint)
        finished.withLock { $0.append(trained.losses) }
        return MethodScores(scores: scores.map { Double($0) })
    }

    /// Of everything that the scores depend on.
    private func key(_ learnt: BaselineSignals, _ tested: BaselineSignals) -> String {
        let text = "\(learnt.digest) \(tested.digest) \(plan)"
        return String(Digest(of: Array(text.utf8)).hexadecimal.prefix(16))
    }

    private func stored(_ path: String, count: Int) -> (scores: [Float], losses: [Double])? {
        guard let file = try? SafetensorsFile(path: path), file.metadata["format"] == Self.format,
            let scores = try? file.floats("scores", shape: [count])
        else { return nil }
        return (scores, (file.metadata["losses"] ?? "").split(separator: " ").compactMap { Double($0) })
    }

    private func store(_ scores: [Float], losses: [Double], at path: String) throws(TrainingError) {
        do throws(SafetensorsError) {
            try SafetensorsWriter.write(
                [("scores", WeightView(scores, shape: [scores.count]))],
                metadata: [
                    "format": Self.format, "losses": losses.map { "\($0)" }.joined(separator: " "),
                ], to: path)
        } catch { throw .file(path: path, reason: "\(error)") }
    }
}

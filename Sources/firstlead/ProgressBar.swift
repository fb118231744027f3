import Foundation
import Scoring
import Training

#if canImport(Glibc)
    import Glibc
#endif

/// Shows a run's progress on standard error with the time that is left: a bar on a terminal, a line now and then
/// elsewhere.
final class ProgressBar {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var shown = ""
    private var stage = ""
    private var remaining = RemainingTime()
    private var lineSeconds = 0.0

    func show(_ progress: TrainingRun.Progress) {
        switch progress {
        case .checking(let done, let total): show("checking", done, total)
        case .excluded(let cohort): for line in cohort.exclusionFlow { report(line) }
        case .embedding(let done, let total): show("embedding", done, total)
        case .boosting(let head, let done, let total): show("boosting \(head)", done, total)
        case .refitting(let head, let done, let total): show("folds and members of \(head)", done, total)
        }
    }

    func show(_ stage: String, _ done: Int, _ total: Int) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if stage != self.stage { (self.stage, remaining) = (stage, RemainingTime()) }
        remaining.note(done: done, seconds: seconds)
        let percent = total == 0 ? 100 : 100 * done / total
        // Ten lines a stage in a log file, or one a minute; a hundred steps on a terminal.
        let isLate = !isTerminal && seconds - lineSeconds >= 60
        let step = isTerminal ? percent : percent / 10 * 10
        let text = isLate ? "\(stage) \(done)" : "\(stage) \(done == total ? 100 : step)%"
        guard text != shown else { return }
        (shown, lineSeconds) = (text, seconds)
        let left = remaining.seconds(done: done, total: total, at: seconds).flatMap {
            done < total && $0 >= 10 ? ", about \(RemainingTime.shown($0)) left" : nil
        }
        guard isTerminal else { return report("\(stage): \(done) of \(total)\(left ?? "")") }
        let filled = String(repeating: "#", count: percent / 4)
            .padding(toLength: 25, withPad: ".", startingAt: 0)
        let line = "\r\u{1B}[K\(stage) [\(filled)] \(done)/\(total)\(left ?? "")"
        try? FileHandle.standardError.write(contentsOf: Data((line + (done == total ? "\n" : "")).utf8))
    }
}

/// What a training run ends with.
enum TrainingSummary {
    static func text(of bundle: ModelBundle, in directory: String) -> String {
        let cohort = bundle.manifest.cohort
        var lines = [
            "\(directory): bundle '\(bundle.manifest.name)' written and verified, SHA-256 \(bundle.provenance.digest)",
            "  \(cohort.records) ECGs of \(cohort.patients) patients, \(cohort.positives) positive; \(cohort.split)",
        ]
        for head in bundle.manifest.heads {
            if let metrics = head.metrics { lines.append(line(head.id, metrics)) }
            if let ensemble = head.ensemble { lines.append("    " + text(of: ensemble)) }
        }
        if let metrics = bundle.manifest.baseline?.metrics { lines.append(line(LoadedBaseline.id, metrics)) }
        return lines.joined(separator: "\n")
    }

    private static func line(_ id: String, _ metrics: Manifest.MetricsEntry) -> String {
        "  \(id): AUROC \(interval(metrics.auroc)), AUCPR \(interval(metrics.auprc)) on \(metrics.records) test ECGs"
    }

    /// When an ensemble abstains, in a line.
    static func text(of ensemble: Manifest.EnsembleEntry) -> String {
        let abstention = ensemble.abstention
        return
            "\(ensemble.files.count) members; abstains above a spread of \(abstention.spread.inThousandths): "
            + "\(interval(abstention.decided)) decided on, wrong in \(abstention.errorRate.map(interval) ?? "-") of these, "
            + "\(interval(abstention.errorRateOfAll)) of all"
    }

    static func interval(_ entry: Manifest.IntervalEntry) -> String {
        "\(entry.value.inThousandths) (\(entry.low.inThousandths) to \(entry.high.inThousandths))"
    }
}

import Foundation
import Scoring
import Training

#if canImport(Glibc)
    import Glibc
#endif

/// Shows a run's progress on standard error: a bar on a terminal, a line now and then elsewhere.
final class ProgressBar {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var shown = ""

    func show(_ progress: TrainingRun.Progress) {
        switch progress {
        case .embedding(let done, let total): show("embedding", done, total)
        case .boosting(let head, let done, let total): show("boosting \(head)", done, total)
        }
    }

    func show(_ stage: String, _ done: Int, _ total: Int) {
        let percent = total == 0 ? 100 : 100 * done / total
        // Ten lines a stage in a log file, a hundred steps on a terminal.
        let step = isTerminal ? percent : percent / 10 * 10
        let text = "\(stage) \(done == total ? 100 : step)%"
        guard text != shown else { return }
        shown = text
        guard isTerminal else { return report("\(stage): \(done) of \(total)") }
        let filled = String(repeating: "#", count: percent / 4)
        let line =
            "\r\(stage) [\(filled.padding(toLength: 25, withPad: ".", startingAt: 0))] \(done)/\(total)"
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
            guard let metrics = head.metrics else { continue }
            lines.append(
                "  \(head.id): AUROC \(interval(metrics.auroc)), AUCPR \(interval(metrics.auprc)) on "
                    + "\(metrics.records) test ECGs")
        }
        return lines.joined(separator: "\n")
    }

    static func interval(_ entry: Manifest.IntervalEntry) -> String {
        func shown(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }
        return "\(shown(entry.value)) (\(shown(entry.low)) to \(shown(entry.high)))"
    }
}

package import Risk
package import Scoring

/// Why no bundle was written.
package enum TrainingError: Error, Sendable {
    /// The cohort file's problems, each with its row.
    case cohort(CohortError)
    /// Records that cannot be embedded, each with its row.
    case records([RecordProblem])
    case bundle(BundleError)
    case booster(BoosterError)
    /// A file cannot be read.
    case unreadable(path: String, reason: String)
    /// A booster trained elsewhere that no head can have.
    case foreignBooster(path: String, reason: String)
    /// A file cannot be written.
    case file(path: String, reason: String)
    /// The bundle's folder holds a file that is no part of a bundle.
    case strayFile(path: String)
    /// A file to go on from is no checkpoint, or one of another training.
    case checkpoint(path: String, reason: String)
    /// The loss is no finite number any more: the learning rate is too high for these records.
    case diverged(epoch: Int)
    /// Too few records or patients of one class for a development and a test part.
    case tooSmall(reason: String)

    /// One record that cannot be used.
    package struct RecordProblem: Sendable, Equatable {
        /// Line of the cohort file, the header being 1.
        package let row: Int
        package let path: String
        package let refusal: Refusal
    }

    package var message: String {
        switch self {
        case .cohort(let error): error.message
        case .records(let problems):
            Self.list(problems)
        case .bundle(let error): error.message
        case .booster(let error): error.message
        case .file(let path, let reason), .checkpoint(let path, let reason),
            .unreadable(let path, let reason), .foreignBooster(let path, let reason):
            "\(path): \(reason)"
        case .diverged(let epoch): "the loss of epoch \(epoch) is no finite number; take a smaller --lr"
        case .strayFile(let path):
            "\(path): a bundle's folder holds nothing but the bundle: move this file"
        case .tooSmall(let reason): reason
        }
    }

    /// A line for each record, for as many as ``CohortError/message`` shows.
    private static func list(_ problems: [RecordProblem]) -> String {
        var lines = ["\(problems.count) record(s) cannot be used:"]
        lines += problems.prefix(CohortError.shown).map {
            "  row \($0.row), \($0.path): \($0.refusal.message)"
        }
        if problems.count > CohortError.shown {
            lines.append("  and \(problems.count - CohortError.shown) more")
        }
        return lines.joined(separator: "\n")
    }
}

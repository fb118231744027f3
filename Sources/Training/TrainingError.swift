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
    case file(path: String, reason: String)
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
            "\(problems.count) record(s) cannot be used:\n"
                + problems.prefix(20).map { "  row \($0.row), \($0.path): \($0.refusal.message)" }
                .joined(separator: "\n")
        case .bundle(let error): error.message
        case .booster(let error): error.message
        case .file(let path, let reason): "\(path): \(reason)"
        case .tooSmall(let reason): reason
        }
    }
}

package import Scoring

/// A row of the cohort file that was left out on request.
package struct CohortExclusion: Sendable, Equatable {
    /// Line of the cohort file.
    package let line: Int
    /// Stable name of why: `missing-file`, or the code of the refusal.
    package let reason: String
    package let isPositive: Bool

    package static let missingFile = "missing-file"

    package init(_ record: CohortRecord, reason: String) {
        line = record.line
        self.reason = reason
        isPositive = record.isPositive
    }
}

extension Cohort {
    /// What was left out by reason, the most frequent first: the boxes of a CONSORT flow diagram (Schulz, Altman and
    /// Moher, BMJ 340:c332, 2010).
    package var exclusionCounts: [Manifest.ExclusionEntry] {
        Dictionary(grouping: exclusions, by: \.reason).map { reason, rows in
            Manifest.ExclusionEntry(
                reason: reason, records: rows.count, positives: rows.count { $0.isPositive })
        }.sorted { ($1.records, $0.reason) < ($0.records, $1.reason) }
    }

    /// The flow from the rows of the table to the ECGs that are used, one line each; empty when none was left out.
    package var exclusionFlow: [String] {
        guard !exclusions.isEmpty else { return [] }
        let excluded = exclusions.count { $0.isPositive }
        return [
            "\(records.count + exclusions.count) ECGs in the table, \(positiveCount + excluded) positive"
        ] + exclusionCounts.map { "  - \($0.records) \($0.reason), \($0.positives) positive" }
            + ["\(records.count) ECGs used, \(positiveCount) positive"]
    }

    /// The cohort without these records, which are noted as left out.
    func excluding(_ problems: [TrainingError.RecordProblem]) -> Cohort {
        var reasons: [Int: String] = [:]
        for problem in problems { reasons[problem.row] = problem.refusal.code }
        var rest = self
        rest.records = []
        for record in records {
            if let reason = reasons[record.line] {
                rest.exclusions.append(.init(record, reason: reason))
            } else {
                rest.records.append(record)
            }
        }
        return rest
    }
}

package import Bytes
import ECGFormats
import Scoring

/// A cohort of which every ECG was read and can be scored; no two have the same bytes.
package struct CheckedCohort: Sendable {
    package let cohort: Cohort
    /// SHA-256 of each record's ECG, `[records]`.
    package let contents: [Digest]

    /// Of a cohort that was checked before.
    package init(cohort: Cohort, contents: [Digest]) {
        self.cohort = cohort
        self.contents = contents
    }
}

extension CohortEmbedder {
    /// Reads every ECG before any is embedded, so that whatever is wrong with the cohort is known at once.
    ///
    /// With `excludingUnreadable` the ECGs that cannot be scored are left out and noted; the same bytes in two rows
    /// are refused all the same, since nobody can tell which label is meant. `progress` hears how many are read.
    /// An ECG whose embeddings are all in the cache was readable, and is not decoded again.
    ///
    /// Throws: ``TrainingError/records(_:)`` with every problem.
    package func checked(
        _ cohort: Cohort, excludingUnreadable: Bool = false,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) -> CheckedCohort {
        var rows: [Digest: Int] = [:]
        var contents: [Digest] = []
        var unreadable: [TrainingError.RecordProblem] = []
        var duplicates: [TrainingError.RecordProblem] = []
        try inGroups(of: cohort.records, progress) { (record) in
            Result { () throws(Refusal) in try content(of: record, in: cohort) }
        } each: { (record, outcome: Result<Digest, Refusal>) throws(TrainingError) in
            switch outcome {
            case .success(let content):
                if let first = rows[content] { duplicates.append(.init(record, .duplicate(ofRow: first))) }
                rows[content] = rows[content] ?? record.line
                contents.append(content)
            case .failure(let refusal): unreadable.append(.init(record, refusal))
            }
        }
        let problems = duplicates + (excludingUnreadable ? [] : unreadable)
        guard problems.isEmpty else { throw .records(problems.sorted { $0.row < $1.row }) }
        return CheckedCohort(cohort: cohort.excluding(unreadable), contents: contents)
    }

    private func content(of record: CohortRecord, in cohort: Cohort) throws(Refusal) -> Digest {
        let submitted = try ECGFile.submission(at: record.file)
        let identity = cohort.identity(of: submitted.digest)
        let isCached = encoders.allSatisfy {
            cache?.embedding(of: identity, by: $0.provenance) != nil
        }
        if !isCached { _ = try prepare(submitted, cohort.stated) }
        return submitted.digest
    }
}

extension TrainingError.RecordProblem {
    init(_ record: CohortRecord, _ refusal: Refusal) {
        self.init(row: record.line, path: record.path, refusal: refusal)
    }
}

extension Refusal {
    /// The same ECG twice could be on both sides of a split, or have two labels.
    fileprivate static func duplicate(ofRow row: Int) -> Refusal {
        Refusal(
            code: "duplicate-content", title: "The ECG is in the cohort twice",
            detail: "the same bytes as row \(row)", remedy: "Keep one of the two rows")
    }

    /// What was checked is not what is to be embedded.
    static let changedSinceTheCheck = Refusal(
        code: "file-changed", title: "The file has changed",
        detail: "the file is not the one that was checked at the start of this run", remedy: "Run again")
}

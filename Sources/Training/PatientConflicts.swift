extension Cohort {
    /// Patients whose rows contradict each other, each with the line where it shows: both labels, or several folds.
    ///
    /// Neither is wrong by itself. A patient can come twice, once with the condition; every split by patient keeps
    /// the rows together. Several folds are a leak as soon as one of them is the test part.
    package var conflicts: [CohortProblem] {
        var first: [String: CohortRecord] = [:]
        var problems: [CohortProblem] = []
        for record in records {
            guard let patient = record.patient else { continue }
            guard let before = first[patient] else {
                first[patient] = record
                continue
            }
            if record.isPositive != before.isPositive {
                problems.append(.init(line: record.line, reason: .bothLabels(firstLine: before.line)))
            }
            if record.fold != before.fold {
                problems.append(Self.leak(record, before))
            }
        }
        return problems
    }

    /// Rows of the named fold whose patient is outside it, too, and the rows outside.
    func leaks(outOf fold: Int) -> [CohortProblem] {
        var first: [String: CohortRecord] = [:]
        var problems: [CohortProblem] = []
        for record in records {
            guard let patient = record.patient else { continue }
            guard let before = first[patient] else {
                first[patient] = record
                continue
            }
            if (record.fold == fold) != (before.fold == fold) { problems.append(Self.leak(record, before)) }
        }
        return problems
    }

    private static func leak(_ record: CohortRecord, _ before: CohortRecord) -> CohortProblem {
        .init(
            line: record.line,
            reason: .severalFolds(fold: record.fold, firstFold: before.fold, firstLine: before.line))
    }
}

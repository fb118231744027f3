/// A cohort's development and test part, and how they were chosen.
package struct CohortParts: Sendable {
    package let split: Split
    /// As the manifest says it.
    package let description: String

    /// Splits as the plan asks: a named fold, else by patient where patients are known, else by record.
    ///
    /// Throws: ``TrainingError/tooSmall(reason:)`` when a part would lack a label; ``TrainingError/cohort(_:)`` with
    /// every row that leaks out of the named fold.
    package init(of cohort: Cohort, plan: TrainingPlan) throws(TrainingError) {
        let isPositive = cohort.records.map(\.isPositive)
        do throws(SplitError) {
            if let fold = plan.testFold {
                split = try Split(
                    testFold: fold, folds: cohort.records.map { $0.fold ?? .min }, isPositive: isPositive)
                description = "fold \(fold) of the cohort file for the test"
            } else if cohort.namesPatients {
                split = try GroupedStratifiedSplit.split(
                    isPositive: isPositive, patients: cohort.patients(of: Array(isPositive.indices)),
                    testShare: plan.testFraction, seed: plan.seed)
                description = "split by patient, stratified by label"
            } else {
                split = try StratifiedSplit.split(
                    isPositive: isPositive, testShare: plan.testFraction, seed: plan.seed)
                description = "split by record, stratified by label: no patient is known"
            }
        } catch { throw .tooSmall(reason: "the cohort cannot be split: \(error.message)") }
        if let fold = plan.testFold { try Self.checkPatients(of: cohort, fold: fold) }
    }

    /// A patient on both sides would make the test part look better than it is.
    private static func checkPatients(of cohort: Cohort, fold: Int) throws(TrainingError) {
        let leaks = cohort.leaks(outOf: fold)
        guard leaks.isEmpty else { throw .cohort(CohortError(problems: leaks)) }
    }
}

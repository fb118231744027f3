import ArgumentParser
import ECGFormats
import Training

/// What becomes of ECGs that cannot be scored.
struct CheckOptions: ParsableArguments {
    @Flag(help: "Go on without ECGs that are missing or cannot be scored, and count them by reason.")
    var excludeUnreadable = false
    @OptionGroup var input: InputOptions

    /// Reads a cohort file; its warnings go to standard error.
    ///
    /// Throws: ``TrainingError/cohort(_:)``.
    func cohort(at path: String) throws(TrainingError) -> Cohort {
        try loadCohort(path, stated: input.readOptions, excludingMissing: excludeUnreadable)
    }
}

/// Reads a cohort file; its warnings, and patients whose rows contradict each other, go to standard error.
///
/// Throws: ``TrainingError/cohort(_:)``.
func loadCohort(
    _ path: String, stated: ReadOptions = ReadOptions(), excludingMissing: Bool = false
) throws(TrainingError) -> Cohort {
    do throws(CohortError) {
        var cohort = try Cohort(contentsOf: path, excludingMissing: excludingMissing)
        cohort.stated = stated
        for warning in cohort.warnings { report("\(path): \(warning)") }
        let conflicts = CohortError(problems: cohort.conflicts).message
        for line in conflicts.split(separator: "\n") { report("\(path): \(line)") }
        return cohort
    } catch { throw .cohort(error) }
}

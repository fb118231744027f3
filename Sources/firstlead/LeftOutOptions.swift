import ArgumentParser
import Training

/// What `train-baseline` leaves for the test, as flags: the part that `train` would draw.
struct LeftOutOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Leave out the test part that train draws with this --test-fraction, so that the bundle has figures. Default: none, as all are learnt from.",
            valueName: "share"))
    var testFraction = 0.0
    @Option(help: ArgumentHelp("The --seed of train that the test part is drawn with.", valueName: "seed"))
    var splitSeed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "Leave out this fold of the cohort file, as train --test-fold does.", valueName: "fold"))
    var testFold: Int?

    func validate() throws {
        guard testFraction == 0 || (0.05...0.5).contains(testFraction) else {
            throw ValidationError("--test-fraction takes 0, or a share from 0.05 to 0.5")
        }
        guard splitSeed <= UInt64(Int32.max) else {
            throw ValidationError("--split-seed takes 0 to \(Int32.max)")
        }
        guard testFraction == 0 || testFold == nil else {
            throw ValidationError("--test-fraction and --test-fold name two test parts")
        }
    }

    /// Records to learn from; nil for all.
    ///
    /// Throws: ``TrainingError`` when the cohort cannot be split.
    func development(of cohort: Cohort) throws(TrainingError) -> [Int]? {
        guard testFraction > 0 || testFold != nil else { return nil }
        var plan = TrainingPlan(seed: splitSeed)
        if testFraction > 0 { plan.testFraction = testFraction }
        plan.testFold = testFold
        return try CohortParts(of: cohort, plan: plan).split.development
    }
}

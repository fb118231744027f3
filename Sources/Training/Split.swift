/// Records for fitting and records for judging, each in ascending order; no record is in both.
package struct Split: Sendable, Equatable {
    package let development: [Int]
    package let test: [Int]

    /// One part of a development set against its rest; both are places in the cohort.
    init(of records: [Int], test: [Int]) {
        let tested = Set(test)
        self.test = tested.sorted()
        development = records.filter { !tested.contains($0) }.sorted()
    }

    /// Parts that the caller keeps apart.
    init(development: [Int], test: [Int]) {
        self.development = development.sorted()
        self.test = test.sorted()
    }

    init(test: some Sequence<Int>, of count: Int) {
        let test = Set(test)
        self.test = test.sorted()
        development = (0..<count).filter { !test.contains($0) }
    }

    /// The split that a table gives: one fold is the test set, all others are for development.
    ///
    /// Throws: ``SplitError`` `noFold` or `classMissing`.
    package init(testFold: Int, folds: [Int], isPositive: [Bool]) throws(SplitError) {
        try SplitError.check(records: isPositive.count, other: folds.count)
        let test = folds.indices.filter { folds[$0] == testFold }
        guard !test.isEmpty else { throw .noFold(testFold) }
        self.init(test: test, of: folds.count)
        try check(isPositive)
    }

    /// How many patients have records on both sides: what a model knows of them leaks into its judgement.
    package func patientsOnBothSides(_ patients: [String]) -> Int {
        Set(development.map { patients[$0] }).intersection(test.map { patients[$0] }).count
    }

    func check(_ isPositive: [Bool]) throws(SplitError) {
        for (side, records) in [("development", development), ("test", test)] {
            for label in [false, true] where !records.contains(where: { isPositive[$0] == label }) {
                throw .classMissing(side: side, label: label ? 1 : 0)
            }
        }
    }
}

/// Why records cannot be split.
package enum SplitError: Error, Sendable, Equatable {
    /// Not one patient or fold for each record.
    case count(found: Int, expected: Int)
    /// A share outside 0..<1.
    case share(Double)
    case noFold(Int)
    /// One side has no record of a label: too few records or patients with it.
    case classMissing(side: String, label: Int)

    /// What is wrong, in words.
    package var message: String {
        switch self {
        case .count(let found, let expected): "\(found) patients or folds for \(expected) records"
        case .share(let share): "a test part of \(share) of the records is not between 0 and 1"
        case .noFold(let fold): "no record is in fold \(fold)"
        case .classMissing(let side, let label): "the \(side) part would have no record with label \(label)"
        }
    }

    static func check(records: Int, other: Int) throws(SplitError) {
        guard records == other else { throw .count(found: other, expected: records) }
    }
}

/// How many records of each label a test set should have.
struct SplitTarget {
    let positives: Int
    let negatives: Int

    /// Of n records the test set gets `testShare * n`, rounded up as scikit-learn does, and of these the
    /// cohort's share of positives to the nearest record; at least one of either label on either side where the
    /// cohort allows it.
    init(isPositive: [Bool], testShare: Double) throws(SplitError) {
        guard testShare > 0, testShare < 1 else { throw .share(testShare) }
        let count = isPositive.count
        let positiveCount = isPositive.count { $0 }
        let testCount = min(count, Int((testShare * Double(count)).rounded(.up)))
        let share = Double(positiveCount) / Double(max(1, count))
        let nearest = Int((Double(testCount) * share).rounded())
        let fewest = max(1, testCount - (count - positiveCount - 1))
        let most = min(testCount - 1, positiveCount - 1)
        positives = fewest <= most ? min(max(nearest, fewest), most) : nearest
        negatives = testCount - positives
    }
}

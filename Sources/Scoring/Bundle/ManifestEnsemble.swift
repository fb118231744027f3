extension Manifest {
    /// Boosters beside a head, each fitted on another part of the development part: how far they disagree about an ECG
    /// says how far the cohort settles its score.
    package struct EnsembleEntry: Codable, Sendable, Equatable {
        /// The members' boosters, in XGBoost's JSON.
        package var files: [String]
        package var abstention: AbstentionEntry

        package init(files: [String], abstention: AbstentionEntry) {
            self.files = files
            self.abstention = abstention
        }
    }

    /// Beyond which spread an answer abstains: chosen on out-of-fold scores, measured on the test part.
    package struct AbstentionEntry: Codable, Sendable, Equatable {
        /// An ECG abstains whose members' raw scores have a larger sample standard deviation.
        package var spread: Double
        /// Raw score from which a record was called positive when decisions were counted: Youden's on the out-of-fold scores.
        package var rawScore: Double
        /// Out-of-fold scores that it was chosen on.
        package var records: Int
        package var folds: Int
        /// The risk-coverage curve of these scores, at each twentieth of the records.
        package var curve: [CoverageEntry]
        /// Share of the test part that is decided on.
        package var decided: IntervalEntry
        /// Share of wrong decisions among those; absent when none is decided on.
        package var errorRate: IntervalEntry?
        /// Share of wrong decisions when none abstains.
        package var errorRateOfAll: IntervalEntry

        package init(
            spread: Double, rawScore: Double, records: Int, folds: Int, curve: [CoverageEntry],
            decided: IntervalEntry, errorRate: IntervalEntry?, errorRateOfAll: IntervalEntry
        ) {
            self.spread = spread
            self.rawScore = rawScore
            self.records = records
            self.folds = folds
            self.curve = curve
            self.decided = decided
            self.errorRate = errorRate
            self.errorRateOfAll = errorRateOfAll
        }
    }

    /// A point of a risk-coverage curve.
    package struct CoverageEntry: Codable, Sendable, Equatable {
        /// Share of the records that are decided on.
        package var coverage: Double
        /// The largest spread among them.
        package var spread: Double
        /// Share of them whose decision is wrong.
        package var errorRate: Double

        package init(coverage: Double, spread: Double, errorRate: Double) {
            self.coverage = coverage
            self.spread = spread
            self.errorRate = errorRate
        }
    }
}

extension Manifest.EnsembleEntry {
    /// How many members a bundle may hold: one has no spread.
    package static let memberCounts = 2...100

    /// Refuses what is no ensemble or no threshold of a spread.
    ///
    /// Throws: ``BundleError``.
    func check(head: String) throws(BundleError) {
        let shares = abstention.curve.flatMap { [$0.coverage, $0.errorRate] } + [abstention.rawScore]
        let spreads = abstention.curve.map(\.spread) + [abstention.spread]
        let claims: [(holds: Bool, text: String)] = [
            (Self.memberCounts.contains(files.count), "an ensemble of \(files.count)"),
            (Set(files).count == files.count, "a member twice"),
            // Scores lie between 0 and 1, so no standard deviation of two is above the square root of a half.
            (spreads.allSatisfy { (0...0.71).contains($0) }, "a spread that no scores have"),
            (shares.allSatisfy { (0...1).contains($0) }, "a risk-coverage curve that is none"),
        ]
        if let broken = claims.first(where: { !$0.holds }) {
            throw BundleError(
                .manifest, file: BundleFolder.manifestName, "head '\(head)' has \(broken.text)")
        }
    }
}

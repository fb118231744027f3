import Risk
package import Scoring

/// Beyond which spread of its ensemble a head's answers abstain: chosen on out-of-fold scores of the development part,
/// measured on the test part, which neither boosters nor threshold have seen.
package struct HeadAbstention: Sendable, Equatable {
    package let entry: Manifest.AbstentionEntry

    /// From out-of-fold scores with spreads, and the final head's scores of the test part with the spreads of its ensemble.
    ///
    /// Decisions are those of the head at Youden's point of the out-of-fold scores; the threshold leaves the least certain
    /// tenth of these undecided. Throws: ``MetricError`` `notConverged` when no threshold tells positives from others.
    package init(
        development: OutOfFoldScores, test: (rawScores: [Double], spreads: [Double], isPositive: [Bool])
    ) throws(MetricError) {
        let held = try ScoredLabels(
            scores: development.scores.map { Double($0.rawScore) }, isPositive: development.isPositive)
        let rawScore = held.youdenThreshold.value
        guard rawScore.isFinite else { throw .notConverged(what: "a threshold of decisions") }
        let curve = try RiskCoverage(of: held, spreads: development.spreads ?? [], threshold: rawScore)
        let spread = curve.point(coverage: RiskCoverage.decidedShare).spread
        let measured = try ScoredLabels(scores: test.rawScores, isPositive: test.isPositive)
        guard test.spreads.count == measured.count else {
            throw .count(scores: test.spreads.count, labels: measured.count)
        }
        let isWrong = measured.scores.indices.map {
            (measured.scores[$0] >= rawScore) != measured.isPositive[$0]
        }
        let decided = measured.scores.indices.filter { test.spreads[$0] <= spread }
        let wrong = decided.count { isWrong[$0] }
        entry = Manifest.AbstentionEntry(
            spread: spread, rawScore: rawScore, records: held.count, folds: OutOfFoldScores.folds,
            curve: Self.twentieths(of: curve), decided: try .init(decided.count, of: measured.count),
            errorRate: decided.isEmpty ? nil : try .init(wrong, of: decided.count),
            errorRateOfAll: try .init(isWrong.count { $0 }, of: measured.count))
    }

    /// The curve has a point for each record: a manifest needs no more than show its shape.
    private static func twentieths(of curve: RiskCoverage) -> [Manifest.CoverageEntry] {
        var entries: [Manifest.CoverageEntry] = []
        for step in 1...20 {
            let point = curve.point(coverage: Double(step) / 20)
            guard point.coverage != entries.last?.coverage else { continue }
            entries.append(
                .init(coverage: point.coverage, spread: point.spread, errorRate: point.errorRate))
        }
        return entries
    }
}

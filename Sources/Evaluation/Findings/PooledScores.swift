package import Training

/// Each ECG's mean raw score over the reshuffles that tested it: never from a head that learnt from it.
///
/// With ten reshuffles of a fifth about a tenth of the ECGs is never tested and left out.
package struct PooledScores: Sendable {
    /// Places in the cohort, ascending, `[records]`.
    package let records: [Int]
    package let scores: ScoredLabels
    /// Mean spread of an ensemble's members, `[records]`; nil for a single model.
    package let spreads: [Double]?

    /// Throws: ``MetricError`` `oneClass` when all tested ECGs have one label.
    package init(of method: Experiment.Method, splits: [Split], cohort: Cohort) throws(MetricError) {
        var sums = [Double](repeating: 0, count: cohort.records.count)
        var spreadSums = sums
        var counts = [Int](repeating: 0, count: cohort.records.count)
        for (reshuffle, split) in splits.enumerated() {
            for (place, record) in split.test.enumerated() {
                sums[record] += method.tested[reshuffle].scores[place]
                spreadSums[record] += method.spreads?[reshuffle][place] ?? 0
                counts[record] += 1
            }
        }
        records = counts.indices.filter { counts[$0] > 0 }
        spreads = method.spreads == nil ? nil : records.map { spreadSums[$0] / Double(counts[$0]) }
        scores = try ScoredLabels(
            scores: records.map { sums[$0] / Double(counts[$0]) },
            isPositive: records.map { cohort.records[$0].isPositive })
    }

    /// The log-odds of the scores, kept finite by 1e-12.
    package var margins: ScoredLabels {
        get throws(MetricError) {
            try ScoredLabels(
                scores: scores.scores.map(Logit.of), isPositive: scores.isPositive)
        }
    }
}

private import Foundation
package import Training

/// Each ECG's mean raw score over the reshuffles that tested it: never from a head that learnt from it.
///
/// With ten reshuffles of a fifth about a tenth of the ECGs is never tested and left out.
package struct PooledScores: Sendable {
    /// Places in the cohort, ascending, `[records]`.
    package let records: [Int]
    package let scores: ScoredLabels

    /// Throws: ``MetricError`` `oneClass` when all tested ECGs have one label.
    package init(of method: Experiment.Method, splits: [Split], cohort: Cohort) throws(MetricError) {
        var sums = [Double](repeating: 0, count: cohort.records.count)
        var counts = [Int](repeating: 0, count: cohort.records.count)
        for (split, tested) in zip(splits, method.tested) {
            for (place, record) in split.test.enumerated() {
                sums[record] += tested.scores[place]
                counts[record] += 1
            }
        }
        records = counts.indices.filter { counts[$0] > 0 }
        scores = try ScoredLabels(
            scores: records.map { sums[$0] / Double(counts[$0]) },
            isPositive: records.map { cohort.records[$0].isPositive })
    }

    /// The log-odds of the scores, kept finite by 1e-12.
    package var margins: ScoredLabels {
        get throws(MetricError) {
            try ScoredLabels(
                scores: scores.scores.map {
                    let share = min(max($0, 1e-12), 1 - 1e-12)
                    return log(share / (1 - share))
                }, isPositive: scores.isPositive)
        }
    }
}

extension ScoredLabels {
    /// Area under the receiver operating characteristic: the probability that a positive scores above a
    /// negative, a tie counting half (Mann and Whitney, doi 10.1214/aoms/1177730491).
    ///
    /// Exact: pairs are counted in integers, in halves.
    package var areaUnderROC: Double {
        var halves = 0
        var negativesBelow = count - positiveCount
        for group in tiesFromHighest() {
            negativesBelow -= group.negatives
            halves += group.positives * (2 * negativesBelow + group.negatives)
        }
        return Double(halves) / (2 * Double(positiveCount) * Double(count - positiveCount))
    }

    /// Area under the precision-recall curve as average precision: the sum over distinct scores, from the
    /// highest, of the gain in recall times the precision there; no interpolation (scikit-learn's
    /// `average_precision_score`).
    package var averagePrecision: Double {
        var sum = 0.0
        var positives = 0
        var selected = 0
        for group in tiesFromHighest() {
            positives += group.positives
            selected += group.positives + group.negatives
            sum += Double(group.positives) * Double(positives) / Double(selected)
        }
        return sum / Double(positiveCount)
    }

    /// Mean squared difference between probability and outcome (Brier 1950).
    ///
    /// Throws: ``MetricError/notAProbability(record:value:)``.
    package func brierScore() throws(MetricError) -> Double {
        var sum = 0.0
        for (record, score) in scores.enumerated() {
            guard (0...1).contains(score) else { throw .notAProbability(record: record, value: score) }
            let difference = score - (isPositive[record] ? 1 : 0)
            sum += difference * difference
        }
        return sum / Double(count)
    }
}

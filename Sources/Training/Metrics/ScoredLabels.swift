/// Scores and truths of a test set: one of each for every record, both classes present, every score finite.
package struct ScoredLabels: Sendable, Equatable {
    /// Larger means more likely positive, `[records]`.
    package let scores: [Double]
    /// Whether the record is positive, `[records]`.
    package let isPositive: [Bool]

    package var count: Int { scores.count }
    package var positiveCount: Int { isPositive.count { $0 } }

    /// Throws: ``MetricError`` `count`, `notFinite` or `oneClass`.
    package init(scores: [Double], isPositive: [Bool]) throws(MetricError) {
        guard scores.count == isPositive.count else {
            throw .count(scores: scores.count, labels: isPositive.count)
        }
        if let record = scores.firstIndex(where: { !$0.isFinite }) { throw .notFinite(record: record) }
        guard isPositive.contains(true), isPositive.contains(false) else {
            throw .oneClass(positive: isPositive.count { $0 }, count: scores.count)
        }
        self.scores = scores
        self.isPositive = isPositive
    }

    /// Records at each distinct score, from the highest score down.
    func tiesFromHighest() -> [(score: Double, positives: Int, negatives: Int)] {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var groups: [(score: Double, positives: Int, negatives: Int)] = []
        for record in order {
            if groups.last?.score != scores[record] { groups.append((scores[record], 0, 0)) }
            if isPositive[record] {
                groups[groups.count - 1].positives += 1
            } else {
                groups[groups.count - 1].negatives += 1
            }
        }
        return groups
    }
}

/// Why a measure cannot be computed.
package enum MetricError: Error, Sendable, Equatable {
    case count(scores: Int, labels: Int)
    case notFinite(record: Int)
    /// Ranking measures need both classes.
    case oneClass(positive: Int, count: Int)
    /// A probability outside 0...1.
    case notAProbability(record: Int, value: Double)
    /// A confidence level outside 0..<1, or fewer than the resamples that an interval needs.
    case parameter(name: String, value: Double)
    /// Resamples that had one class only, so often that there is no interval.
    case tooFewResamples(usable: Int, wanted: Int)
    /// A fit that has no bounded solution, as when scores separate the labels.
    case notConverged(what: String)
}

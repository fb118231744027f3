/// How often the decision is wrong when only the ECGs are decided on whose score is least uncertain (El-Yaniv and Wiener,
/// JMLR 11:1605-1641, 2010).
package struct RiskCoverage: Sendable, Equatable {
    /// All ECGs up to a spread.
    package struct Point: Sendable, Equatable {
        /// The largest spread that is decided on.
        package let spread: Double
        /// Share of the ECGs that are decided on.
        package let coverage: Double
        /// Share of these whose decision is wrong.
        package let errorRate: Double
    }

    /// Share of the records that the abstention threshold decides on.
    package static let decidedShare = 0.9

    /// From the least spread up; equal spreads share a point, the last covers all.
    package let points: [Point]

    /// `spreads` of the members' scores, `[records]`; a record is called positive from `threshold` up.
    ///
    /// Throws: ``MetricError/count(scores:labels:)``.
    package init(of records: ScoredLabels, spreads: [Double], threshold: Double) throws(MetricError) {
        guard spreads.count == records.count else {
            throw .count(scores: spreads.count, labels: records.count)
        }
        let order = spreads.indices.sorted { spreads[$0] < spreads[$1] }
        var points: [Point] = []
        var wrong = 0
        for (place, record) in order.enumerated() {
            wrong += (records.scores[record] >= threshold) == records.isPositive[record] ? 0 : 1
            let isLast = place + 1 == order.count || spreads[order[place + 1]] > spreads[record]
            guard isLast else { continue }
            let covered = Double(place + 1)
            points.append(
                Point(
                    spread: spreads[record], coverage: covered / Double(order.count),
                    errorRate: Double(wrong) / covered))
        }
        self.points = points
    }

    /// Mean error rate over all coverages; smaller is better.
    package var area: Double {
        var covered = 0.0
        var area = 0.0
        for point in points {
            area += (point.coverage - covered) * point.errorRate
            covered = point.coverage
        }
        return area
    }

    /// The least spread up to which at least this share is decided on: beyond it one abstains.
    package func point(coverage: Double) -> Point {
        points.first { $0.coverage >= coverage } ?? points[points.count - 1]
    }
}

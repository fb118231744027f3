package import Bytes

/// Durations of one thing measured several times, in milliseconds.
package struct Distribution: Sendable, Equatable {
    /// Ascending.
    private let sorted: [Double]

    /// Nil when there is nothing to describe.
    package init?(milliseconds: [Double]) {
        guard !milliseconds.isEmpty else { return nil }
        sorted = milliseconds.sorted()
    }

    package var count: Int { sorted.count }
    package var minimum: Double { sorted[0] }
    package var maximum: Double { sorted[sorted.count - 1] }
    package var mean: Double { sorted.reduce(0, +) / Double(sorted.count) }

    /// The mean of the two middle values when their number is even.
    package var median: Double { (sorted[(count - 1) / 2] + sorted[count / 2]) / 2 }

    /// The smallest value that at least `percent` of 100 do not exceed (nearest rank).
    package func percentile(_ percent: Double) -> Double {
        let rank = Int((percent / 100 * Double(count)).rounded(.up))
        return sorted[min(max(rank, 1), count) - 1]
    }

    /// The members of a JSON object that describe the distribution.
    package var members: [JSONDocument.Member] {
        [
            ("minimum", minimum), ("median", median), ("mean", mean), ("p95", percentile(95)),
            ("p99", percentile(99)), ("maximum", maximum),
        ].map { .init($0.0 + "Milliseconds", .rounded($0.1, digits: 3)) }
    }
}

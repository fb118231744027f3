/// So many of so many.
package struct Proportion: Sendable, Equatable {
    package let count: Int
    package let total: Int

    /// Throws: ``MetricError/parameter(name:value:)`` unless `0 <= count <= total` and `total > 0`.
    package init(_ count: Int, of total: Int) throws(MetricError) {
        guard total > 0 else { throw .parameter(name: "total", value: Double(total)) }
        guard (0...total).contains(count) else { throw .parameter(name: "count", value: Double(count)) }
        self.count = count
        self.total = total
    }

    package var value: Double { Double(count) / Double(total) }

    /// The interval of the share that does not break at 0 and 1 (Wilson, J. Am. Stat. Assoc. 22:209-212, 1927,
    /// doi 10.1080/01621459.1927.10502953).
    ///
    /// Throws: ``MetricError/parameter(name:value:)`` for a level outside 0..<1.
    package func wilson(level: Double = 0.95) throws(MetricError) -> Interval {
        try Interval.check(level: level)
        let z = Normal.quantile((1 + level) / 2)
        let total = Double(total)
        let centre = (value + z * z / (2 * total)) / (1 + z * z / total)
        let reach =
            z / (1 + z * z / total)
            * (value * (1 - value) / total + z * z / (4 * total * total)).squareRoot()
        return Interval(
            estimate: value, lower: count == 0 ? 0 : centre - reach,
            upper: count == self.total ? 1 : centre + reach, level: level)
    }
}

/// An estimate with the interval that covers the true value in a given share of repetitions.
package struct Interval: Sendable, Equatable, Codable {
    package let estimate: Double
    package let lower: Double
    package let upper: Double
    /// Confidence level, for example 0.95.
    package let level: Double

    package init(estimate: Double, lower: Double, upper: Double, level: Double) {
        self.estimate = estimate
        self.lower = lower
        self.upper = upper
        self.level = level
    }

    static func check(level: Double) throws(MetricError) {
        guard level > 0, level < 1 else { throw .parameter(name: "level", value: level) }
    }
}

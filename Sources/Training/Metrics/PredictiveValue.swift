import Foundation

/// Predictive values where another share has the condition than in the records at hand.
extension Threshold {
    /// The positive predictive value at a prevalence with its adjusted logit interval; nil when nobody is called
    /// positive.
    ///
    /// Wilson's interval would take the records' own prevalence for granted. Two successes and two failures are added to
    /// either share, so that shares of 0 and 1 have an interval, too (Mercaldo, Lau and Zhou, Stat. Med. 26:2170-2183,
    /// 2007, doi 10.1002/sim.2677). Throws: ``MetricError/parameter(name:value:)`` for a prevalence that is no share, or
    /// a level outside 0..<1.
    package func positivePredictiveInterval(
        prevalence: Double, level: Double = 0.95
    ) throws(MetricError) -> Interval? {
        guard truePositives + falsePositives > 0 else { return nil }
        return try Self.interval(
            around: positivePredictiveValue(prevalence: prevalence),
            right: (truePositives, positives), wrong: (falsePositives, negatives),
            odds: prevalence / (1 - prevalence), level: level)
    }

    /// The negative predictive value likewise; nil when all are called positive.
    ///
    /// Throws: ``MetricError/parameter(name:value:)``.
    package func negativePredictiveInterval(
        prevalence: Double, level: Double = 0.95
    ) throws(MetricError) -> Interval? {
        guard truePositives + falsePositives < positives + negatives else { return nil }
        return try Self.interval(
            around: negativePredictiveValue(prevalence: prevalence),
            right: (negatives - falsePositives, negatives), wrong: (positives - truePositives, positives),
            odds: (1 - prevalence) / prevalence, level: level)
    }

    /// Odds of a call being right: prior odds times the ratio of the shares that are so called.
    private static func interval(
        around value: Double, right: (count: Int, total: Int), wrong: (count: Int, total: Int), odds: Double,
        level: Double
    ) throws(MetricError) -> Interval {
        try Interval.check(level: level)
        guard odds > 0, odds.isFinite else { throw .parameter(name: "prevalence", value: odds) }
        let z = Normal.quantile((1 + level) / 2)
        let share = { (part: (count: Int, total: Int)) in
            (Double(part.count) + z * z / 2) / (Double(part.total) + z * z)
        }
        let (hits, alarms) = (share(right), share(wrong))
        let reach =
            z
            * ((1 - hits) / (hits * (Double(right.total) + z * z))
            + (1 - alarms) / (alarms * (Double(wrong.total) + z * z))).squareRoot()
        let centre = log(odds * hits / alarms)
        let logistic = { (logit: Double) in 1 / (1 + exp(-logit)) }
        return Interval(
            estimate: value, lower: min(value, logistic(centre - reach)),
            upper: max(value, logistic(centre + reach)), level: level)
    }
}

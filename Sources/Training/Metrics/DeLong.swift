private import Foundation

/// Variance of the area under the ROC curve without any assumption on the scores' distribution
/// (DeLong, DeLong and Clarke-Pearson, Biometrics 44:837-845, 1988, doi 10.2307/2531595), by midranks in
/// n log n (Sun and Xu, IEEE Signal Process. Lett. 21:1389-1393, 2014, doi 10.1109/LSP.2014.2337313).
package struct DeLong: Sendable, Equatable {
    package let areaUnderROC: Double
    package let variance: Double

    /// Throws: ``MetricError/oneClass(positive:count:)`` with fewer than two records in a class: there is no
    /// variance then.
    package init(_ records: ScoredLabels) throws(MetricError) {
        let components = try Components(records)
        areaUnderROC = records.areaUnderROC
        variance =
            Self.variance(components.below) / Double(components.below.count)
            + Self.variance(components.above) / Double(components.above.count)
    }

    /// What each record contributes; ties count half.
    struct Components {
        /// Share of negatives below each positive, `[positives]`.
        let below: [Double]
        /// Share of positives above each negative, `[negatives]`.
        let above: [Double]

        init(_ records: ScoredLabels) throws(MetricError) {
            let positives = records.scores.indices.filter { records.isPositive[$0] }
            let negatives = records.scores.indices.filter { !records.isPositive[$0] }
            guard positives.count > 1, negatives.count > 1 else {
                throw .oneClass(positive: positives.count, count: records.count)
            }
            let all = DeLong.midranks(records.scores)
            let amongPositives = DeLong.midranks(positives.map { records.scores[$0] })
            let amongNegatives = DeLong.midranks(negatives.map { records.scores[$0] })
            below = positives.enumerated().map {
                (all[$1] - amongPositives[$0]) / Double(negatives.count)
            }
            above = negatives.enumerated().map {
                1 - (all[$1] - amongNegatives[$0]) / Double(positives.count)
            }
        }
    }

    /// The interval of the area, normal on its own scale and cut to 0...1.
    ///
    /// Throws: ``MetricError/parameter(name:value:)`` for a level outside 0..<1.
    package func interval(level: Double = 0.95) throws(MetricError) -> Interval {
        try Interval.check(level: level)
        let reach = Normal.quantile((1 + level) / 2) * variance.squareRoot()
        return Interval(
            estimate: areaUnderROC, lower: max(0, areaUnderROC - reach),
            upper: min(1, areaUnderROC + reach), level: level)
    }

    /// Rank of each value from 1 up; equal values share the mean of their ranks.
    static func midranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }

    /// Unbiased sample variance.
    static func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
}

/// The standard normal distribution.
enum Normal {
    /// The value below which this share of the distribution lies, 0 < share < 1.
    ///
    /// Bisection of the error function to the last bit: it is called a few times a report.
    static func quantile(_ share: Double) -> Double {
        var low = -40.0
        var high = 40.0
        while true {
            let middle = (low + high) / 2
            guard low < middle, middle < high else { return middle }
            if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
        }
    }
}

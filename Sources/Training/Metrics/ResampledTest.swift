/// Whether two methods differ over the same random splits, with the variance corrected for their overlap.
///
/// Test parts overlap and so do development parts: the usual paired t test takes the differences for
/// independent and finds far too much. The variance of their mean is taken as `(1/J + n_test/n_development)`
/// times their sample variance (Nadeau and Bengio, Machine Learning 52:239-281, 2003,
/// doi 10.1023/A:1024068626366).
package struct ResampledTest: Sendable, Equatable {
    /// Mean difference.
    package let difference: Double
    package let t: Double
    /// Two-sided, on J - 1 degrees of freedom.
    package let pValue: Double
    /// 95 % interval of the mean difference.
    package let lower: Double
    package let upper: Double

    /// `differences` of a measure, `[splits]`.
    ///
    /// Throws: ``MetricError/parameter(name:value:)`` for fewer than two splits or an empty part.
    package init(differences: [Double], developmentCount: Int, testCount: Int) throws(MetricError) {
        guard differences.count > 1 else {
            throw .parameter(name: "splits", value: Double(differences.count))
        }
        guard developmentCount > 0, testCount > 0 else {
            throw .parameter(name: "records", value: Double(min(developmentCount, testCount)))
        }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let error = ((1 / count + Double(testCount) / Double(developmentCount)) * variance).squareRoot()
        difference = mean
        // Methods that never differ give 0 / 0, which is no evidence for a difference.
        t = mean == 0 && error == 0 ? 0 : mean / error
        pValue = StudentT.twoSided(t, degrees: count - 1)
        let reach = StudentT.reach(level: 0.95, degrees: count - 1) * error
        lower = mean - reach
        upper = mean + reach
    }
}

/// Several tests at once.
package enum Holm {
    /// The p values, raised so that the chance of any false finding among them stays at the level (Holm, Scand. J.
    /// Statist. 6:65-70, 1979), `[tests]` in the order given.
    package static func adjusted(_ pValues: [Double]) -> [Double] {
        var adjusted = pValues
        var largest = 0.0
        let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        for (rank, test) in order.enumerated() {
            largest = max(largest, min(1, pValues[test] * Double(pValues.count - rank)))
            adjusted[test] = largest
        }
        return adjusted
    }
}

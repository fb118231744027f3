private import Foundation

/// Whether two scores of the same records differ in their area under the ROC curve (DeLong, DeLong and
/// Clarke-Pearson, Biometrics 44:837-845, 1988, doi 10.2307/2531595).
package struct PairedDeLong: Sendable, Equatable {
    /// First area minus second.
    package let difference: Double
    package let variance: Double
    /// Difference over its standard error; 0 when the scores rank alike.
    package let z: Double
    /// Two-sided, normal.
    package let pValue: Double

    /// Throws: ``MetricError`` `count` when the two are not of the same records, or `oneClass` with fewer than two
    /// records in a class.
    package init(_ first: ScoredLabels, _ second: ScoredLabels) throws(MetricError) {
        guard first.isPositive == second.isPositive else {
            throw .count(scores: first.count, labels: second.count)
        }
        let one = try DeLong.Components(first)
        let other = try DeLong.Components(second)
        difference = first.areaUnderROC - second.areaUnderROC
        variance =
            DeLong.variance(zip(one.below, other.below).map { $0 - $1 }) / Double(one.below.count)
            + DeLong.variance(zip(one.above, other.above).map { $0 - $1 }) / Double(one.above.count)
        z = variance > 0 ? difference / variance.squareRoot() : 0
        pValue = erfc(abs(z) / 2.0.squareRoot())
    }

    /// The 95 % interval of the difference.
    package var interval: Interval {
        let reach = Normal.quantile(0.975) * variance.squareRoot()
        return Interval(
            estimate: difference, lower: difference - reach, upper: difference + reach, level: 0.95)
    }
}

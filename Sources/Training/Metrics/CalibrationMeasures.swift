private import Foundation

/// Logistic recalibration: outcome on the logit of the score, by maximum likelihood (Cox, Biometrika 45:562-565,
/// 1958, doi 10.1093/biomet/45.3-4.562). A calibrated score has slope 1 and intercept 0.
package struct LogisticRecalibration: Sendable, Equatable {
    package let intercept: Double
    package let slope: Double

    package init(intercept: Double, slope: Double) {
        self.intercept = intercept
        self.slope = slope
    }

    /// Fits both to margins (log-odds), `[records]`, by Newton's method with halved steps.
    ///
    /// Throws: ``MetricError/notConverged(what:)`` when the margins separate the labels: the slope has no bound then.
    package init(fittingTo margins: ScoredLabels) throws(MetricError) {
        var fit = LogisticRecalibration(intercept: 0, slope: 0)
        var deviance = fit.deviance(margins)
        for _ in 0..<100 {
            let (gradient, curvature) = fit.derivatives(margins)
            let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
            guard determinant > 1e-300 else { break }
            let step = (
                (curvature.2 * gradient.0 - curvature.1 * gradient.1) / determinant,
                (curvature.0 * gradient.1 - curvature.1 * gradient.0) / determinant
            )
            // Newton's error squares with each step: what follows a step this small is below the last digit.
            if abs(step.0) < 1e-8 * (1 + abs(fit.intercept)), abs(step.1) < 1e-8 * (1 + abs(fit.slope)) {
                self.init(intercept: fit.intercept + step.0, slope: fit.slope + step.1)
                return
            }
            var share = 1.0
            var next = fit
            repeat {
                next = .init(intercept: fit.intercept + share * step.0, slope: fit.slope + share * step.1)
                share /= 2
            } while next.deviance(margins) > deviance && share > 1e-10
            fit = next
            deviance = fit.deviance(margins)
            guard abs(fit.slope) < 1e4 else { break }
        }
        throw .notConverged(what: "logistic recalibration")
    }

    /// The calibrated probability of a margin.
    package func probability(margin: Double) -> Double {
        Self.logistic(intercept + slope * margin)
    }

    /// The intercept that makes the mean probability equal to the share of positives when the slope stays 1:
    /// calibration in the large.
    package static func interceptInTheLarge(_ margins: ScoredLabels) -> Double {
        // The sum of probabilities rises with the intercept: bisection to the last bit.
        var low = -800.0
        var high = 800.0
        while true {
            let middle = (low + high) / 2
            guard low < middle, middle < high else { return middle }
            let expected = margins.scores.reduce(0) { $0 + logistic($1 + middle) }
            if expected < Double(margins.positiveCount) { low = middle } else { high = middle }
        }
    }

    static func logistic(_ margin: Double) -> Double {
        margin >= 0 ? 1 / (1 + exp(-margin)) : exp(margin) / (1 + exp(margin))
    }

    /// Minus the log-likelihood.
    private func deviance(_ margins: ScoredLabels) -> Double {
        zip(margins.scores, margins.isPositive).reduce(0) { sum, record in
            let margin = (intercept + slope * record.0) * (record.1 ? 1 : -1)
            return sum + (margin > 0 ? log1p(exp(-margin)) : log1p(exp(margin)) - margin)
        }
    }

    private func derivatives(
        _ margins: ScoredLabels
    ) -> (gradient: (Double, Double), curvature: (Double, Double, Double)) {
        var gradient = (0.0, 0.0)
        var curvature = (0.0, 0.0, 0.0)
        for (margin, isPositive) in zip(margins.scores, margins.isPositive) {
            let expected = probability(margin: margin)
            let residual = (isPositive ? 1 : 0) - expected
            let weight = expected * (1 - expected)
            gradient.0 += residual
            gradient.1 += residual * margin
            curvature.0 += weight
            curvature.1 += weight * margin
            curvature.2 += weight * margin * margin
        }
        return (gradient, curvature)
    }
}

/// Records whose probabilities are alike: how many there are, what was said and what came.
package struct ReliabilityBin: Sendable, Equatable {
    package let lower: Double
    package let upper: Double
    package let count: Int
    package let positives: Int
    /// Mean probability.
    package let expected: Double

    /// Share of positives.
    package var observed: Double { Double(positives) / Double(count) }
}

extension ScoredLabels {
    /// Probabilities in bins of equal width, empty ones left out; a bin holds its upper end, the first also 0.
    ///
    /// Throws: ``MetricError`` `notAProbability` or `parameter` for no bin.
    package func reliability(bins: Int = 10) throws(MetricError) -> [ReliabilityBin] {
        guard bins > 0 else { throw .parameter(name: "bins", value: Double(bins)) }
        var sums = [(count: Int, positives: Int, sum: Double)](repeating: (0, 0, 0), count: bins)
        for (record, score) in scores.enumerated() {
            guard (0...1).contains(score) else { throw .notAProbability(record: record, value: score) }
            let bin = (0..<bins).first { score <= Double($0 + 1) / Double(bins) } ?? bins - 1
            sums[bin].count += 1
            sums[bin].positives += isPositive[record] ? 1 : 0
            sums[bin].sum += score
        }
        return sums.enumerated().filter { $0.element.count > 0 }.map { place, bin in
            ReliabilityBin(
                lower: Double(place) / Double(bins), upper: Double(place + 1) / Double(bins),
                count: bin.count,
                positives: bin.positives, expected: bin.sum / Double(bin.count))
        }
    }

    /// Mean distance between expected and observed share over the bins, weighted by their records (Naeini, Cooper
    /// and Hauskrecht, AAAI 2015).
    ///
    /// Throws: ``MetricError`` `notAProbability` or `parameter`.
    package func expectedCalibrationError(bins: Int = 10) throws(MetricError) -> Double {
        try reliability(bins: bins).reduce(0) {
            $0 + Double($1.count) * abs($1.expected - $1.observed)
        } / Double(count)
    }
}

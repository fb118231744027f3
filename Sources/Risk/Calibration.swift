private import Foundation

/// Logistic recalibration of a head: the probability is the logistic function of `intercept + slope * margin`.
///
/// It keeps the order of scores and makes them mean what they say, as far as out-of-fold scores of the development part
/// can tell (Platt, in Advances in Large Margin Classifiers, 1999).
package struct Calibration: Sendable, Equatable {
    package let intercept: Double
    package let slope: Double

    /// Nil unless both are finite and the slope is above 0: another would turn the order of scores around.
    package init?(intercept: Double, slope: Double) {
        guard intercept.isFinite, slope.isFinite, slope > 0 else { return nil }
        self.intercept = intercept
        self.slope = slope
    }

    /// The calibrated probability of a margin (log-odds), 0...1.
    package func probability(margin: Float) -> Float {
        Float(1 / (1 + exp(-(intercept + slope * Double(margin)))))
    }
}

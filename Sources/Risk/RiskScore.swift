private import Foundation

/// What a head says about one ECG.
package struct RiskScore: Sendable, Equatable {
    /// Log-odds: the logit of the base score plus one leaf of each tree.
    package let margin: Float
    /// The head's probability before any calibration, 0...1: the logistic function of the margin.
    package let rawScore: Float

    package init(margin: Float) {
        self.margin = margin
        rawScore = Logistic.probability(margin: margin)
    }
}

/// The logistic link in XGBoost's own single-precision steps, so that the two agree to the last bit
/// (dmlc/xgboost 1.7 src/common/math.h, `Sigmoid`, and src/objective/regression_loss.h, `ProbToMargin`).
enum Logistic {
    /// Beyond this the exponential overflows single precision.
    private static let steepest: Float = 88.7

    static func probability(margin: Float) -> Float {
        1 / (exp(min(-margin, steepest)) + 1 + 1e-16)
    }

    static func margin(probability: Float) -> Float { -log(1 / probability - 1) }
}

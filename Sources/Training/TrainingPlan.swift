package import Encoders
package import Risk

/// The choices of a training run: those that the paper fixes by default, those that it leaves open by name.
package struct TrainingPlan: Sendable {
    /// Which values one min and one max are taken over.
    package enum Scaling: String, Sendable, CaseIterable {
        /// One range for each feature.
        case perFeature = "per-feature"
        /// One range for all features of an encoder.
        case perEncoder = "per-encoder"

        /// As the manifest says it.
        package var description: String {
            switch self {
            case .perFeature: "min-max per feature, development set"
            case .perEncoder: "min-max over all features of an encoder, development set"
            }
        }
    }

    /// How margins become probabilities.
    package enum Calibration: String, Sendable, CaseIterable {
        /// The probability is the raw score, as in the paper.
        case none
        /// Logistic recalibration on out-of-fold scores of the development part.
        case logistic
    }

    package var calibration = Calibration.none
    /// Members of each head's ensemble; 0 for heads that stand alone.
    package var members = 0
    /// Share of positives that the site expects where the bundle is used; nil for that of the cohort.
    package var sitePrevalence: Double?
    /// Encoders in the order of concatenation; the paper does not give one.
    package var order: [EncoderID] = [.stMEM, .ecgFM]
    package var scaling = Scaling.perFeature
    /// The paper's depth 6, learning rate 0.1, subsample and colsample_bytree 0.8; its rounds are not given.
    package var booster = BoosterParameters()
    /// Share of patients (of records, where no patient is known) kept for the test part.
    package var testFraction = 0.2
    /// The fold of the cohort file that is the test part, instead of a random one.
    package var testFold: Int?
    /// Seed of the split, the booster's samples and the bootstrap alike.
    package let seed: UInt64
    /// Resamples of the bootstrap behind the intervals.
    package var resamples = 2_000

    package init(seed: UInt64 = 1) {
        self.seed = seed
        booster.seed = UInt32(truncatingIfNeeded: seed)
    }

    /// Boosters that are not fitted but were trained elsewhere, by their heads; with any there are no other heads.
    package var boosters: [String: ForeignBooster] = [:]

    /// The fused head, which every bundle has.
    package static let fusedHead = "fusion-xgb"
    /// Every head that a bundle may have.
    package static let headIDs = [fusedHead] + EncoderID.allCases.map { "\($0.rawValue)-xgb" }

    /// The heads: the fused one first, then each encoder alone.
    package var heads: [(id: String, features: [EncoderID])] {
        let all = [(Self.fusedHead, order)] + order.map { ("\($0.rawValue)-xgb", [$0]) }
        return boosters.isEmpty ? all : all.filter { boosters[$0.0] != nil }
    }

    /// How the manifest says what is scaled: boosters trained elsewhere read embeddings as they are.
    var scalingDescription: String {
        boosters.isEmpty ? scaling.description : "none; ranges of the development set"
    }
}

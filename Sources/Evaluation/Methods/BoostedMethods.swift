package import Encoders
package import Training

/// XGBoost on one encoder or on their concatenation: the paper's rows.
package struct BoostedMethod: ExperimentMethod {
    package let id: String
    package let features: [EncoderID]

    package var name: String { features.methodTitle }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        MethodScores(scores: try reshuffle.boosted((id, features)))
    }
}

/// The mean of ten boosters, each fitted on another part of the development part.
package struct EnsembleMethod: ExperimentMethod {
    package let features: [EncoderID]

    package var id: String { "\(features.methodID)-ensemble" }
    package var name: String { "\(features.methodTitle), \(BoostedEnsemble.memberCount) models" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        let ensemble = try reshuffle.fitting.ensemble((id, features), scalers: reshuffle.scalers)
        return MethodScores(scores: ensemble.scores, spreads: ensemble.spreads)
    }
}

package import Encoders
import Risk
package import Training

/// The fusion, taught with labels that were dealt out anew among the development part: what it scores then is chance.
package struct ShuffledLabelsMethod: ExperimentMethod {
    package let features: [EncoderID]

    package init(features: [EncoderID]) { self.features = features }

    package var id: String { "shuffled-labels" }
    package var name: String { "\(features.methodTitle), shuffled labels" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        let fitting = reshuffle.fitting
        // Another permutation for every split: the development part is in its seed.
        let seed = fitting.split.development.reduce(fitting.plan.seed) { ($0 &* 31) &+ UInt64($1) }
        let shuffled = HeadFitting(
            embedded: fitting.embedded.shufflingLabels(of: fitting.split.development, seed: seed),
            split: fitting.split, plan: fitting.plan, threads: fitting.threads)
        let boosted = try shuffled.boost((id, features), scalers: reshuffle.scalers)
        return MethodScores(scores: boosted.tested.map { Double($0.rawScore) })
    }
}

/// One encoder's embeddings concatenated with themselves: there is nothing to gain from it.
package struct DuplicatedEncoderMethod: ExperimentMethod {
    package let encoder: EncoderID

    package init(encoder: EncoderID) { self.encoder = encoder }

    package var id: String { "\(encoder.rawValue)-twice" }
    package var name: String { "\(encoder.title) twice" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        MethodScores(scores: try reshuffle.boosted((id, [encoder, encoder])))
    }
}

/// The paper's heads on encoders of the same architecture whose weights are drawn and not trained: what architecture and
/// preprocessing give by themselves.
package struct RandomWeightsMethod: ExperimentMethod {
    /// The cohort, embedded by the random encoders.
    package let embedded: EmbeddedCohort
    package let features: [EncoderID]

    package init(embedded: EmbeddedCohort, features: [EncoderID]) {
        self.embedded = embedded
        self.features = features
    }

    package var id: String { "\(features.methodID)-random" }
    package var name: String { "\(features.methodTitle), random" }

    package func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores {
        let fitting = HeadFitting(
            embedded: embedded, split: reshuffle.fitting.split, plan: reshuffle.fitting.plan,
            threads: reshuffle.fitting.threads)
        let boosted = try fitting.boost((id, features), scalers: fitting.scalers())
        return MethodScores(scores: boosted.tested.map { Double($0.rawScore) })
    }
}

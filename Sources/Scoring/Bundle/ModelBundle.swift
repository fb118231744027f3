package import ECG
package import Encoders
package import Risk
package import Tensor

/// A bundle in memory: encoders, scaler and boosters, every byte of them checked against the manifest.
package struct ModelBundle: Sendable {
    package let manifest: Manifest
    package let provenance: BundleProvenance
    /// In the order of concatenation.
    package let encoders: [LoadedEncoder]
    /// Min-max scaler of each encoder's embedding.
    package let scalers: [EncoderID: MinMaxScaler]
    /// The fused head first.
    package let heads: [Head]
    /// Nil where the bundle holds none.
    package let baseline: LoadedBaseline?
    /// By how much a head's score of the self-test's ECG differs at most from single precision's; 0 where the
    /// self-test asks for its bits.
    package internal(set) var selfTestDifference: Float = 0

    package init(
        manifest: Manifest, provenance: BundleProvenance, encoders: [LoadedEncoder],
        scalers: [EncoderID: MinMaxScaler], heads: [Head], baseline: LoadedBaseline? = nil
    ) {
        self.manifest = manifest
        self.provenance = provenance
        self.encoders = encoders
        self.scalers = scalers
        self.heads = heads
        self.baseline = baseline
    }

    /// A booster and the embeddings it reads.
    package struct Head: Sendable {
        package let id: String
        package let features: [EncoderID]
        package let booster: Booster
        /// Without one the probability is the raw score.
        package let calibration: Calibration?
        /// Nil where the head stands alone.
        package let ensemble: Ensemble?

        package init(
            id: String, features: [EncoderID], booster: Booster, calibration: Calibration? = nil,
            ensemble: Ensemble? = nil
        ) {
            self.id = id
            self.features = features
            self.booster = booster
            self.calibration = calibration
            self.ensemble = ensemble
        }
    }

    /// Boosters of the same features as a head's, and the spread beyond which its answers abstain.
    package struct Ensemble: Sendable {
        package let members: [Booster]
        package let abstention: Manifest.AbstentionEntry

        package init(members: [Booster], abstention: Manifest.AbstentionEntry) {
            self.members = members
            self.abstention = abstention
        }
    }

    /// Seconds of ECG that all encoders together need.
    package var neededSeconds: Double { encoders.neededSeconds }

    /// Every encoder's embedding of a recording.
    ///
    /// Throws: ``Refusal``.
    package func embed(
        _ recording: Recording, pool: WorkerPool, clock: inout StageClock
    ) throws(Refusal) -> [EncoderID: Embedding] {
        var embeddings: [EncoderID: Embedding] = [:]
        for encoder in encoders {
            embeddings[encoder.id] = try encoder.embed(recording, pool: pool, clock: &clock)
        }
        return embeddings
    }

    /// Every head's score of a recording's embeddings, the fused one first; timed as "heads".
    ///
    /// Throws: ``Refusal`` when a booster fails.
    package func scores(
        _ embeddings: [EncoderID: Embedding], clock: inout StageClock
    ) throws(Refusal) -> (scores: [HeadScore], warnings: [Warning]) {
        try clock.time("heads") { () throws(Refusal) in
            let (scaled, warnings) = try scale(embeddings)
            var scores: [HeadScore] = []
            for head in heads { scores.append(try head.score(scaled)) }
            return (scores, warnings + scores.prefix(1).flatMap(\.doubts))
        }
    }

    /// Of every head, the fused one first, whether embeddings meet a threshold of its booster exactly: see
    /// ``BoosterModel/meetsThreshold(_:)``.
    ///
    /// Throws: ``Refusal`` when the embeddings cannot be scaled.
    package func meetThresholds(_ embeddings: [EncoderID: Embedding]) throws(Refusal) -> [Bool] {
        let (scaled, _) = try scale(embeddings)
        return heads.map { $0.booster.model.meetsThreshold($0.vector(scaled)) }
    }

    /// The baseline's score of a recording, where the bundle holds one: none, with a warning, of a recording that is long
    /// enough for the encoders but not for the baseline.
    ///
    /// Throws: ``Refusal`` when the network overflows or nobody waits any more.
    package func baselineScore(
        _ recording: Recording, pool: WorkerPool, clock: inout StageClock
    ) throws(Refusal) -> (scores: [HeadScore], warnings: [Warning]) {
        guard let baseline else { return ([], []) }
        guard recording.durationSeconds >= baseline.neededSeconds else {
            return (
                [],
                [
                    Warning(
                        code: "BASELINE_LEFT_OUT",
                        message: "\(LoadedBaseline.id) needs \(baseline.neededSeconds) s of ECG")
                ]
            )
        }
        return ([try baseline.score(recording, pool: pool, clock: &clock)], [])
    }

    /// Min-max scaling, unless the heads read embeddings as they are; warns of an ECG far from those that the heads were trained on, of which more than a
    /// tenth of an encoder's features lie outside the development set's range.
    private func scale(
        _ embeddings: [EncoderID: Embedding]
    ) throws(Refusal) -> (scaled: [EncoderID: [Float]], warnings: [Warning]) {
        var scaled: [EncoderID: [Float]] = [:]
        var warnings: [Warning] = []
        for encoder in encoders {
            guard let embedding = embeddings[encoder.id], let scaler = scalers[encoder.id] else { continue }
            do throws(FeatureError) {
                let isScaled = manifest.fusion.isScaled ?? true
                scaled[encoder.id] = isScaled ? try scaler.transform(embedding.values) : embedding.values
                let outside = try scaler.countOutsideRange(embedding.values)
                guard outside * 10 > embedding.width else { continue }
                warnings.append(
                    Warning(
                        code: "OUT_OF_RANGE",
                        message:
                            "\(outside) of \(embedding.width) \(encoder.id.rawValue) features lie outside "
                            + "the range of the development cohort"))
            } catch { throw Refusal(error) }
        }
        return (scaled, warnings)
    }
}

extension ModelBundle.Head {
    /// The head's score of scaled embeddings, concatenated in the head's order.
    ///
    /// Throws: ``Refusal`` when the booster fails.
    package func score(_ scaled: [EncoderID: [Float]]) throws(Refusal) -> HeadScore {
        do throws(BoosterError) {
            let values = vector(scaled)
            let score = try booster.score(values)
            return HeadScore(
                id: id, features: features.map(\.rawValue), margin: score.margin, rawScore: score.rawScore,
                probability: calibration?.probability(margin: score.margin) ?? score.rawScore,
                ensemble: try ensemble?.score(values))
        } catch { throw Refusal(error) }
    }

    /// What the booster takes.
    fileprivate func vector(_ scaled: [EncoderID: [Float]]) -> [Float] {
        features.flatMap { scaled[$0] ?? [] }
    }
}

extension ModelBundle.Ensemble {
    /// The members' scores of one scaled vector, `[features]`.
    ///
    /// Throws: ``BoosterError``.
    func score(_ values: [Float]) throws(BoosterError) -> EnsembleScore {
        var rawScores: [Float] = []
        for member in members { rawScores.append(try member.score(values).rawScore) }
        return EnsembleScore(rawScores: rawScores, abstention: abstention)
    }
}

extension HeadScore {
    /// Warns of a risk that the ensemble does not agree about.
    var doubts: [Warning] {
        guard let ensemble, ensemble.abstains else { return [] }
        return [
            Warning(
                code: "ABSTAINS",
                message:
                    "the \(ensemble.rawScores.count) members of \(id) spread by "
                    + "\(ensemble.spread.inThousandths), more than "
                    + "\(ensemble.abstention.spread.inThousandths): the training cohort does not settle this ECG's score"
            )
        ]
    }
}

package import ECG
package import ECGFormats
package import Encoders
package import Tensor

/// The straight line from an ECG's bytes to its risk: the same code for HTTP, command line and evaluation.
///
/// Equal input gives equal bits, whatever the number of threads.
package struct Scorer: Sendable {
    package let bundle: ModelBundle
    package let pool: WorkerPool

    package init(bundle: ModelBundle, pool: WorkerPool) {
        self.bundle = bundle
        self.pool = pool
    }

    /// Threads that work on one ECG.
    package var threads: Int { pool.threads }

    /// The same on as many threads as the mode gives one ECG.
    package func working(_ mode: WorkMode) -> Scorer {
        mode == .latency ? self : Scorer(bundle: bundle, pool: .single)
    }

    /// Scores one ECG.
    ///
    /// Throws: ``Refusal`` naming what is wrong and where; there is no score then.
    package func score(
        _ submitted: SubmittedECG, options: ReadOptions = ReadOptions(), window: AnalysisWindow = .standard,
        clock: StageClock = StageClock()
    ) throws(Refusal) -> Assessment {
        var clock = clock
        let (ecg, recording) = try Self.readScorable(
            submitted, options: options, window: window, neededSeconds: bundle.neededSeconds, clock: &clock)
        let embeddings = try bundle.embed(recording, pool: pool, clock: &clock)
        let (heads, outside) = try bundle.scores(embeddings, clock: &clock)
        let baseline = try bundle.baselineScore(recording, pool: pool, clock: &clock)
        return Assessment(
            risk: heads[0], heads: heads + baseline.scores,
            input: InputFacts(submitted, ecg, analysed: recording, window),
            warnings: Warning.about(ecg, analysed: recording, window) + outside + baseline.warnings,
            bundle: bundle.provenance, clock: clock)
    }

    /// Embeds one ECG with every encoder, or with the one asked for.
    ///
    /// Throws: ``Refusal``.
    package func embed(
        _ submitted: SubmittedECG, only id: EncoderID? = nil, options: ReadOptions = ReadOptions(),
        window: AnalysisWindow = .standard, clock: StageClock = StageClock()
    ) throws(Refusal) -> EmbeddedECG {
        var clock = clock
        let encoders = bundle.encoders.filter { id == nil || $0.id == id }
        let (ecg, recording) = try Self.readScorable(
            submitted, options: options, window: window, neededSeconds: encoders.neededSeconds, clock: &clock)
        var embeddings: [(id: EncoderID, embedding: Embedding)] = []
        for encoder in encoders {
            embeddings.append((encoder.id, try encoder.embed(recording, pool: pool, clock: &clock)))
        }
        return EmbeddedECG(
            embeddings: embeddings, input: InputFacts(submitted, ecg, analysed: recording, window),
            warnings: Warning.about(ecg, analysed: recording, window), clock: clock)
    }

    /// Decodes an ECG, timed as "read".
    ///
    /// Throws: ``Refusal``.
    package static func read(
        _ submitted: SubmittedECG, options: ReadOptions, clock: inout StageClock
    ) throws(Refusal) -> DecodedECG {
        do throws(FormatError) {
            return try clock.time("read") { () throws(FormatError) in
                try FormatRegistry.read(submitted.upload, options: options)
            }
        } catch { throw Refusal(error) }
    }

    /// Decodes an ECG and takes the part of it that is scored, which the gate has let through.
    ///
    /// Throws: ``Refusal``.
    package static func readScorable(
        _ submitted: SubmittedECG, options: ReadOptions, window: AnalysisWindow = .standard,
        neededSeconds: Double, clock: inout StageClock
    ) throws(Refusal) -> (ecg: DecodedECG, recording: Recording) {
        let ecg = try read(submitted, options: options, clock: &clock)
        let recording = try window.part(of: ecg.recording)
        try check(recording, neededSeconds: neededSeconds)
        return (ecg, recording)
    }

    /// Refuses what the gate does not let through.
    ///
    /// Throws: ``Refusal``.
    package static func check(_ recording: Recording, neededSeconds: Double) throws(Refusal) {
        do throws(RecordingError) {
            try SignalGate.check(recording, neededSeconds: neededSeconds)
        } catch { throw Refusal(error) }
    }
}

/// The embeddings of one ECG and what they were computed from.
package struct EmbeddedECG: Sendable {
    package let embeddings: [(id: EncoderID, embedding: Embedding)]
    package let input: InputFacts
    package let warnings: [Warning]
    package let clock: StageClock
}

package import ECG
package import Encoders
package import Tensor

/// An encoder and the windows of one ECG, made up but always the same.
package struct EncoderSubject: Sendable {
    package let encoder: any Encoder
    package let windows: [Segment]

    /// A window is noise seeded with "bench/st-mem", "bench/ecg-fm/0" or "bench/ecg-fm/1": one window of nine seconds
    /// makes an ECG for ST-MEM, two of five seconds for ECG-FM.
    package init(_ encoder: any Encoder) {
        self.encoder = encoder
        let names =
            switch encoder.id {
            case .stMEM: ["bench/st-mem"]
            case .ecgFM: ["bench/ecg-fm/0", "bench/ecg-fm/1"]
            }
        windows = names.map {
            Segment(
                values: SeededWeights.uniform($0, count: 12 * encoder.windowSamples),
                sampleCount: encoder.windowSamples)
        }
    }

    /// Both networks at their published size, on the deterministic weights.
    ///
    /// Throws: ``WeightError``.
    package static func published(
        precision: Precision = .fp32
    ) throws(WeightError) -> [EncoderSubject] {
        let weights = SeededWeights()
        return [
            EncoderSubject(
                try STMEMEncoder(config: .published, weights: weights, precision: precision)),
            EncoderSubject(
                try ECGFMEncoder(config: .published, weights: weights, precision: precision)),
        ]
    }

    /// Operations of the ECG, as ``Encoder/operationsPerWindow`` counts them.
    package var operations: Int { windows.count * encoder.operationsPerWindow }

    /// The ECG's embedding.
    ///
    /// Throws: ``EncoderError``.
    package func embed(pool: WorkerPool) throws(EncoderError) -> Embedding {
        let embeddings = try encoder.embed(windows, pool: pool)
        return Embedding.mean(of: embeddings) ?? embeddings[0]
    }

    /// The embedding and the milliseconds it took.
    ///
    /// Throws: ``EncoderError``.
    package func timed(
        pool: WorkerPool
    ) throws(EncoderError) -> (embedding: Embedding, milliseconds: Double) {
        let start = ContinuousClock.now
        let embedding = try embed(pool: pool)
        return (embedding, start.duration(to: .now) / .milliseconds(1))
    }
}

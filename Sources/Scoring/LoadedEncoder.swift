package import ECG
package import Encoders
package import Preprocessing
package import Tensor

/// An encoder with its weights in memory and the recipe that prepares its input.
package struct LoadedEncoder: Sendable {
    package let network: any Encoder
    package let recipe: any PreprocessingRecipe
    package let provenance: EncoderProvenance

    package init(network: any Encoder, recipe: any PreprocessingRecipe, provenance: EncoderProvenance) {
        self.network = network
        self.recipe = recipe
        self.provenance = provenance
    }

    package var id: EncoderID { network.id }

    /// Below this many weights an operation is done before another thread has woken up to help with it.
    private static let worthSharing = 5_000_000

    /// A recording's embedding: the mean of its windows' embeddings, `[width]`.
    ///
    /// Timed as "preprocess/<id>" and "encode/<id>".
    ///
    /// Throws: ``Refusal`` when the recording is too short for the recipe, the network fails, or nobody waits any more
    /// (``StageClock/checkpoint()``).
    package func embed(
        _ recording: Recording, pool: WorkerPool, clock: inout StageClock
    ) throws(Refusal) -> Embedding {
        try clock.checkpoint()
        let segments = try segments(of: recording, clock: &clock)
        let pool = network.parameterCount < Self.worthSharing ? WorkerPool.single : pool
        let windows: [Embedding]
        do throws(EncoderError) {
            windows = try clock.time("encode/\(id.rawValue)") { () throws(EncoderError) in
                try network.embed(segments, pool: pool)
            }
        } catch { throw Refusal(error, encoder: id) }
        guard let embedding = Embedding.mean(of: windows) else { throw .noWindow(encoder: id) }
        return embedding
    }

    /// The windows of a recording, timed as "preprocess/<id>".
    ///
    /// Throws: ``Refusal`` when the recording is too short for the recipe.
    func segments(
        of recording: Recording, clock: inout StageClock
    ) throws(Refusal) -> [Segment] {
        do throws(PreprocessingError) {
            return try clock.time("preprocess/\(id.rawValue)") { () throws(PreprocessingError) in
                try recipe.segments(of: recording)
            }
        } catch { throw Refusal(error) }
    }
}

extension Collection<LoadedEncoder> {
    /// Seconds of ECG that all of them together need.
    package var neededSeconds: Double { map(\.recipe.neededSeconds).max() ?? 0 }
}

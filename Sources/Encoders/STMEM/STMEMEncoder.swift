package import ECG
package import Tensor

/// ST-MEM: a vision transformer over patches of all twelve leads.
///
/// Facts from bakqui/ST-MEM@69ec702 models/encoder/st_mem_vit.py:93-121 and vit.py:42-148; own code. Patches of 75
/// samples are normalised, projected and normalised again; each lead's 30 tokens stand between two separators; all
/// 384 tokens attend to each other; the mean over the patch tokens is normalised last.
package final class STMEMEncoder: Encoder {
    package let config: STMEMConfig
    package let id = EncoderID.stMEM
    package let precision: Precision
    package var width: Int { config.width }
    package let parameterCount: Int
    package var windowSamples: Int { config.seqLen }
    package var operationsPerWindow: Int { config.operations }

    private let toPatchEmbedding1: LayerNorm
    private let toPatchEmbedding2: Linear
    private let toPatchEmbedding3: LayerNorm
    /// `[tokens, width]`: position and lead embedding, and the separator where the token is one.
    private let embeddings: Matrix
    private let blocks: [STMEMBlock]
    private let norm: LayerNorm
    private let layout: STMEMLayout

    /// Takes every tensor of ``tensorShapes(_:)`` from `weights`.
    ///
    /// Throws: ``WeightError``: a setting that is not implemented; a tensor missing, unexpected, mis-shaped or not
    /// finite.
    package init(
        config: STMEMConfig, weights: some WeightSource, precision: Precision = .fp32
    ) throws(WeightError) {
        self.precision = precision
        try config.validate()
        try weights.refuseTensors(besides: Self.tensorShapes(config))
        self.config = config
        parameterCount = Self.tensorShapes(config).reduce(0) { $0 + $1.shape.reduce(1, *) }
        let width = config.width
        let patch = "to_patch_embedding."
        toPatchEmbedding1 = try LayerNorm(patch + "1", width: config.patchSize, from: weights)
        toPatchEmbedding2 = try Linear(
            patch + "2", inputs: config.patchSize, outputs: width, from: weights)
        toPatchEmbedding3 = try LayerNorm(patch + "3", width: width, from: weights)
        embeddings = try Self.constantEmbeddings(config, weights)
        var blocks: [STMEMBlock] = []
        for index in 0..<config.depth {
            blocks.append(try STMEMBlock(index, config, precision, weights))
        }
        self.blocks = blocks
        norm = try LayerNorm("norm", width: width, from: weights)
        layout = STMEMLayout(config, precision: precision)
    }

    /// Every tensor of the encoder, named as in `encoder.pth`, in that file's order.
    package static func tensorShapes(_ config: STMEMConfig) -> [(name: String, shape: [Int])] {
        let width = config.width
        let patch = config.patchSize
        var shapes: [(name: String, shape: [Int])] = [
            ("pos_embedding", [1, config.positions, width]), ("sep_embedding", [width]),
            ("to_patch_embedding.1.weight", [patch]), ("to_patch_embedding.1.bias", [patch]),
            ("to_patch_embedding.2.weight", [width, patch]), ("to_patch_embedding.2.bias", [width]),
            ("to_patch_embedding.3.weight", [width]), ("to_patch_embedding.3.bias", [width]),
        ]
        shapes += (0..<config.numLeads).map { (name: "lead_embeddings.\($0)", shape: [width]) }
        for index in 0..<config.depth { shapes += STMEMBlock.tensorShapes(index, config) }
        return shapes + [("norm.weight", [width]), ("norm.bias", [width])]
    }

    package func embed(
        _ windows: [Segment], to embeddings: Matrix, pool: WorkerPool
    ) throws(EncoderError) {
        precondition(embeddings.rows == windows.count && embeddings.columns == width)
        for (index, window) in windows.enumerated() {
            try embed(window, to: embeddings.rows(index..<index + 1), pool: pool, probe: nil)
        }
    }

    /// The same; `probe` sees the stages `patch_embedding` `[12 * patches, width]`, `tokens`, `after_block0`,
    /// `after_last_block` `[tokens, width]`, `pooled` and `embedding` `[1, width]`. With a probe
    /// the last block is computed for every token, and rounds a little differently.
    ///
    /// Throws: ``EncoderError``.
    package func embed(
        _ segment: Segment, pool: WorkerPool, probe: Probe?
    ) throws(EncoderError) -> Embedding {
        let embedding = Matrix(rows: 1, columns: width)
        try embed(segment, to: embedding, pool: pool, probe: probe)
        return Embedding(embedding.values)
    }

    private func embed(
        _ segment: Segment, to embedding: Matrix, pool: WorkerPool, probe: Probe?
    ) throws(EncoderError) {
        try segment.check(leads: config.numLeads, samples: config.seqLen)
        let count = layout.scratch.arenaCount(threads: pool.threads)
        try Arenas.shared.with(count: count) { arena throws(EncoderError) in
            let space = STMEMWorkspace(layout: layout, arena: arena, threads: pool.threads)
            fillTokens(space, from: segment, pool: pool, probe: probe)
            for (index, block) in blocks.dropLast().enumerated() {
                block.apply(space, pool: pool)
                if index == 0 { probe?("after_block0", space.tokens) }
            }
            if let probe {
                // Whoever looks at every token's last activations needs them computed.
                blocks.last?.apply(space, pool: pool)
                if blocks.count == 1 { probe("after_block0", space.tokens) }
                probe("after_last_block", space.tokens)
                meanOverPatches(space)
            } else {
                blocks.last?.applyAndPool(space, pool: pool)
            }
            probe?("pooled", space.pooled)
            norm.apply(space.pooled, to: embedding, pool: pool)
            probe?("embedding", embedding)
            try embedding.checkEmbeddings()
        }
    }

    private func fillTokens(
        _ space: STMEMWorkspace, from segment: Segment, pool: WorkerPool, probe: Probe?
    ) {
        // `[leads, samples]` is `[leads * patches, patch size]` already.
        space.patches.copy(segment.values)
        toPatchEmbedding1.apply(space.patches, to: space.patches, pool: pool)
        toPatchEmbedding2.apply(space.patches, to: space.embedded, scratch: space.scratch, pool: pool)
        toPatchEmbedding3.apply(space.embedded, to: space.embedded, pool: pool)
        probe?("patch_embedding", space.embedded)
        for lead in 0..<config.numLeads {
            let first = lead * config.positions
            let last = first + config.positions - 1
            space.tokens.setRow(first, to: embeddings, first)
            for patch in 0..<config.patches {
                let token = first + 1 + patch
                space.tokens.setRow(
                    token, to: space.embedded, lead * config.patches + patch, plus: embeddings, token)
            }
            space.tokens.setRow(last, to: embeddings, last)
        }
        probe?("tokens", space.tokens)
    }

    /// The mean over all patch tokens, separators left out.
    private func meanOverPatches(_ space: STMEMWorkspace) {
        var sums = [Double](repeating: 0, count: config.width)
        var nonzero = [UInt32](repeating: 0, count: config.width)
        for lead in 0..<config.numLeads {
            let first = lead * config.positions + 1
            space.tokens.rows(first..<first + config.patches).addColumnSums(to: &sums, nonzero: &nonzero)
        }
        let count = Double(config.numLeads * config.patches)
        space.pooled.copy(sums.map { Float($0 / count) })
    }

    private static func constantEmbeddings(
        _ config: STMEMConfig, _ weights: some WeightSource
    ) throws(WeightError) -> Matrix {
        let width = config.width
        let positions = config.positions
        let table = try weights.floats("pos_embedding", shape: [1, positions, width])
        let separator = try weights.floats("sep_embedding", shape: [width])
        let result = Matrix(rows: config.tokens, columns: width)
        for lead in 0..<config.numLeads {
            let leadEmbedding = try weights.floats("lead_embeddings.\(lead)", shape: [width])
            for position in 0..<positions {
                let isSeparator = position == 0 || position == positions - 1
                for column in 0..<width {
                    let start = isSeparator ? separator[column] : 0
                    result[lead * positions + position, column] =
                        start + table[position * width + column] + leadEmbedding[column]
                }
            }
        }
        return result
    }
}

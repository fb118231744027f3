package import ECG
package import Tensor

/// ECG-FM: convolutions over time, convolutional positions, a transformer (wav2vec 2.0 as in
/// Jwoo5/fairseq-signals@6b9e137 models/wav2vec2/wav2vec2.py:254-343; own code).
///
/// 2,500 samples become 156 steps of 256 channels, are normalised and projected to 768; the positional convolution is
/// added; after the last layer each feature is averaged over the steps where it is not 0
/// (bowang-lab/ECG-FM@9cc0d3f scripts/embs.py:20).
package final class ECGFMEncoder: Encoder {
    package let config: ECGFMConfig
    package let id = EncoderID.ecgFM
    package let precision: Precision
    package var width: Int { config.encoderEmbedDim }
    package let parameterCount: Int
    package var windowSamples: Int { config.segmentSamples }
    package var operationsPerWindow: Int { config.operations }

    private let featureExtractor: ECGFMFeatures
    private let featureLayerNorm: LayerNorm
    /// Absent, as upstream, when the features are as wide as the transformer.
    private let postExtractProj: Linear?
    private let posConv: GroupedConvolution
    private let encoderLayerNorm: LayerNorm
    private let layers: [ECGFMLayer]
    /// For one window, for two and so on.
    private let layouts: [ECGFMLayout]

    /// Takes every tensor of ``tensorShapes(_:)`` from `weights`; weight normalisation is folded here.
    ///
    /// Throws: ``WeightError``: a setting that is not implemented; a tensor missing, unexpected, mis-shaped or not
    /// finite.
    package init(
        config: ECGFMConfig, weights: some WeightSource, precision: Precision = .fp32
    ) throws(WeightError) {
        self.precision = precision
        try config.validate()
        try weights.refuseTensors(besides: Self.tensorShapes(config))
        self.config = config
        parameterCount = Self.tensorShapes(config).reduce(0) { $0 + $1.shape.reduce(1, *) }
        let width = config.encoderEmbedDim
        featureExtractor = try ECGFMFeatures(config, weights)
        featureLayerNorm = try LayerNorm("layer_norm", width: config.features, from: weights)
        postExtractProj =
            config.features == width
            ? nil
            : try Linear("post_extract_proj", inputs: config.features, outputs: width, from: weights)
        posConv = try Self.positions(config, weights)
        encoderLayerNorm = try LayerNorm("encoder.layer_norm", width: width, from: weights)
        let steps = config.steps.last ?? 0
        let rows = Self.windowsAtOnce * steps
        var layers: [ECGFMLayer] = []
        for index in 0..<config.encoderLayers {
            layers.append(try ECGFMLayer(index, config, rows: rows, precision, weights))
        }
        self.layers = layers
        let attention = Attention(
            heads: config.encoderAttentionHeads, dim: width / config.encoderAttentionHeads)
        let scratchEach = max(
            attention.scratchCount(tokens: steps), posConv.scratchCount(sequences: Self.windowsAtOnce))
        layouts = (1...Self.windowsAtOnce).map {
            ECGFMLayout(config, precision: precision, windows: $0, scratchEach: scratchEach)
        }
    }

    /// Every tensor of the encoder, named as in the pre-training checkpoint (older weight-norm spelling). What only
    /// pre-training uses (`mask_emb`, `quantizer`, `project_q`, `final_proj`) is not among them.
    package static func tensorShapes(_ config: ECGFMConfig) -> [(name: String, shape: [Int])] {
        let width = config.encoderEmbedDim
        let taps = config.convPos
        var shapes: [(name: String, shape: [Int])] = []
        for index in 0..<config.encoderLayers { shapes += ECGFMLayer.tensorShapes(index, config) }
        shapes += [("encoder.layer_norm.weight", [width]), ("encoder.layer_norm.bias", [width])]
        shapes += ECGFMFeatures.tensorShapes(config)
        if config.features != width {
            shapes += [
                ("post_extract_proj.weight", [width, config.features]), ("post_extract_proj.bias", [width]),
            ]
        }
        return shapes + [
            ("conv_pos.pos_conv.0.bias", [width]), ("conv_pos.pos_conv.0.weight_g", [1, 1, taps]),
            ("conv_pos.pos_conv.0.weight_v", [width, width / config.convPosGroups, taps]),
            ("layer_norm.weight", [config.features]), ("layer_norm.bias", [config.features]),
        ]
    }

    /// Windows that share a pass: weights are then read once for both segments of a 10 s ECG, and products of 312 rows
    /// are large enough for Strassen's scheme. A window alone rounds a little differently.
    private static let windowsAtOnce = 2

    package func embed(
        _ windows: [Segment], to embeddings: Matrix, pool: WorkerPool
    ) throws(EncoderError) {
        precondition(embeddings.rows == windows.count && embeddings.columns == width)
        var first = 0
        while first < windows.count {
            let last = min(first + Self.windowsAtOnce, windows.count)
            try embed(
                windows[first..<last], to: embeddings.rows(first..<last), pool: pool, probe: nil)
            first = last
        }
    }

    /// The embedding of one window; `probe` sees the stages `conv0`, `conv_features`, `feature_layer_norm`
    /// `[steps, channels]`, `post_extract_proj`, `block0_in`, `after_block0` and `after_last_block` `[steps, width]`.
    ///
    /// Throws: ``EncoderError``.
    package func embed(
        _ window: Segment, pool: WorkerPool, probe: @escaping Probe
    ) throws(EncoderError) -> Embedding {
        let embedding = Matrix(rows: 1, columns: width)
        try embed([window], to: embedding, pool: pool, probe: probe)
        return Embedding(embedding.values)
    }

    private func embed(
        _ windows: ArraySlice<Segment>, to embeddings: Matrix, pool: WorkerPool, probe: Probe?
    ) throws(EncoderError) {
        for window in windows { try window.check(leads: config.inD, samples: config.segmentSamples) }
        let layout = layouts[windows.count - 1]
        let count = layout.scratch.arenaCount(threads: pool.threads)
        try Arenas.shared.with(count: count) { arena throws(EncoderError) in
            let space = ECGFMWorkspace(layout: layout, arena: arena, threads: pool.threads)
            fillTokens(space, from: windows, pool: pool, probe: probe)
            for (index, layer) in layers.enumerated() {
                layer.apply(
                    space, before: index + 1 < layers.count ? layers[index + 1] : nil, pool: pool)
                if index == 0 { probe?("after_block0", space.tokens) }
            }
            probe?("after_last_block", space.tokens)
            for window in 0..<space.windows {
                let tokens = space.rows(space.tokens, ofWindow: window)
                // The sum over time divided by the feature's number of nonzero steps, as upstream pools.
                let feature = embeddings.rows(window..<window + 1).setMeanOfNonzero(ofRows: tokens)
                if let feature { throw .featureAlwaysZero(feature: feature) }
            }
            try embeddings.checkEmbeddings()
        }
    }

    private func fillTokens(
        _ space: ECGFMWorkspace, from windows: ArraySlice<Segment>, pool: WorkerPool, probe: Probe?
    ) {
        for (index, window) in windows.enumerated() {
            space.signal.copyTransposed(window.values)
            let extracted = space.rows(space.extracted, ofWindow: index)
            featureExtractor.apply(space, to: extracted, pool: pool, probe: probe)
        }
        featureLayerNorm.apply(space.extracted, to: space.extracted, pool: pool)
        probe?("feature_layer_norm", space.extracted)
        var projected = space.extracted
        if let postExtractProj {
            projected = space.between
            postExtractProj.apply(space.extracted, to: projected, scratch: space.scratch, pool: pool)
        }
        probe?("post_extract_proj", projected)
        posConv.applyWithGELUAndResidual(
            projected, sequences: space.windows, to: space.tokens, scratch: space.scratch, pool: pool)
        encoderLayerNorm.apply(
            space.tokens, to: space.tokens, before: layers[0].projections, scratch: space.scratch, pool: pool)
        probe?("block0_in", space.tokens)
    }

    /// The positional convolution with its weight norm folded: tap k is `g[k] * v[:, :, k] / |v[:, :, k]|`, one gain
    /// and one norm over both channel axes for each tap (weight norm with `dim=2`).
    private static func positions(
        _ config: ECGFMConfig, _ weights: some WeightSource
    ) throws(WeightError) -> GroupedConvolution {
        let name = "conv_pos.pos_conv.0."
        let width = config.encoderEmbedDim
        let taps = config.convPos
        let gains = try weights.floats(name + "weight_g", shape: [1, 1, taps])
        var values = try weights.floats(
            name + "weight_v", shape: [width, width / config.convPosGroups, taps])
        var squares = [Double](repeating: 0, count: taps)
        for (index, value) in values.enumerated() { squares[index % taps] += Double(value) * Double(value) }
        for tap in 0..<taps where squares[tap] == 0 {
            throw .unsupported(
                setting: name + "weight_v", found: "tap \(tap) all zero", supported: "a norm above zero")
        }
        let factors = zip(gains, squares).map { Double($0) / $1.squareRoot() }
        for index in values.indices { values[index] = Float(Double(values[index]) * factors[index % taps]) }
        let bias = try weights.floats(name + "bias", shape: [width])
        return GroupedConvolution(
            weights: values, bias: bias, groups: config.convPosGroups, taps: taps,
            steps: config.steps.last ?? 0)
    }
}

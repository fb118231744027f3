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
    private let scratchEach: Int
    private let workspaces = Workspaces<ECGFMWorkspace>()

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
        var layers: [ECGFMLayer] = []
        for index in 0..<config.encoderLayers {
            layers.append(try ECGFMLayer(index, config, precision, weights))
        }
        self.layers = layers
        let steps = config.steps.last ?? 0
        let attention = Attention(
            heads: config.encoderAttentionHeads, dim: width / config.encoderAttentionHeads)
        scratchEach = max(attention.scratchCount(tokens: steps), posConv.scratchCount(steps: steps))
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

    package func embed(_ windows: [Segment], pool: WorkerPool) throws(EncoderError) -> [Embedding] {
        var embeddings: [Embedding] = []
        var rest = windows[...]
        while !rest.isEmpty {
            embeddings += try embed(rest.prefix(Self.windowsAtOnce), pool: pool, probe: nil)
            rest = rest.dropFirst(Self.windowsAtOnce)
        }
        return embeddings
    }

    /// The embedding of one window; `probe` sees the stages `conv0`, `conv_features`, `feature_layer_norm`
    /// `[steps, channels]`, `post_extract_proj`, `block0_in`, `after_block0` and `after_last_block` `[steps, width]`.
    ///
    /// Throws: ``EncoderError``.
    package func embed(
        _ window: Segment, pool: WorkerPool, probe: @escaping Probe
    ) throws(EncoderError) -> Embedding {
        try embed([window], pool: pool, probe: probe)[0]
    }

    private func embed(
        _ windows: ArraySlice<Segment>, pool: WorkerPool, probe: Probe?
    ) throws(EncoderError) -> [Embedding] {
        for window in windows { try window.check(leads: config.inD, samples: config.segmentSamples) }
        return try workspaces.with(where: { $0.threads == pool.threads && $0.windows == windows.count }) {
            ECGFMWorkspace(
                config, precision: precision, windows: windows.count, threads: pool.threads,
                scratchEach: scratchEach)
        } _: { space throws(EncoderError) in
            fillTokens(space, from: windows, pool: pool, probe: probe)
            for (index, layer) in layers.enumerated() {
                layer.apply(space, pool: pool)
                if index == 0 { probe?("after_block0", space.tokens) }
            }
            probe?("after_last_block", space.tokens)
            var embeddings: [Embedding] = []
            for window in 0..<space.windows {
                let tokens = space.rows(space.tokens, ofWindow: window)
                embeddings.append(try Self.meanOverNonzeroSteps(tokens))
            }
            return embeddings
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
        for window in 0..<space.windows {
            posConv.applyWithGELUAndResidual(
                space.rows(projected, ofWindow: window), to: space.rows(space.tokens, ofWindow: window),
                scratch: space.scratch, pool: pool)
        }
        encoderLayerNorm.apply(space.tokens, to: space.tokens, pool: pool)
        probe?("block0_in", space.tokens)
    }

    /// Sum over time divided by the feature's number of nonzero steps, as upstream pools.
    private static func meanOverNonzeroSteps(_ tokens: Matrix) throws(EncoderError) -> Embedding {
        var sums = [Double](repeating: 0, count: tokens.columns)
        var nonzero = [UInt32](repeating: 0, count: tokens.columns)
        tokens.addColumnSums(to: &sums, nonzero: &nonzero)
        if let feature = nonzero.firstIndex(of: 0) { throw .featureAlwaysZero(feature: feature) }
        return try Embedding(checking: zip(sums, nonzero).map { Float($0 / Double($1)) })
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
        return GroupedConvolution(weights: values, bias: bias, groups: config.convPosGroups, taps: taps)
    }
}

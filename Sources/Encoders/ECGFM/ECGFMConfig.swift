package import Tensor

/// One layer of ECG-FM's convolutional feature extractor, written `[dim, kernel, stride]` in its configuration.
package struct ConvolutionShape: Codable, Sendable, Equatable {
    /// Output channels.
    package var dim: Int
    /// Steps that the kernel covers.
    package var kernel: Int
    /// Steps from one window to the next; only windows that touch are implemented, `stride == kernel`.
    package var stride: Int

    package init(dim: Int, kernel: Int, stride: Int) {
        self.dim = dim
        self.kernel = kernel
        self.stride = stride
    }

    package init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        dim = try values.decode(Int.self)
        kernel = try values.decode(Int.self)
        stride = try values.decode(Int.self)
        guard values.isAtEnd else {
            throw DecodingError.dataCorruptedError(
                in: values, debugDescription: "a convolution layer is [dim, kernel, stride]")
        }
    }

    package func encode(to encoder: any Swift.Encoder) throws {
        var values = encoder.unkeyedContainer()
        for value in [dim, kernel, stride] { try values.encode(value) }
    }
}

/// Settings of an ECG-FM encoder, named as under `cfg.model` of its checkpoint.
package struct ECGFMConfig: Codable, Sendable, Equatable {
    /// Always 12 leads.
    package var inD = 12
    /// The feature extractor; in the checkpoint a Python expression, `[(256, 2, 2)] * 4`.
    package var convFeatureLayers = [ConvolutionShape](
        repeating: ConvolutionShape(dim: 256, kernel: 2, stride: 2), count: 4)
    /// Numbers of a step and of the embedding.
    package var encoderEmbedDim = 768
    package var encoderLayers = 12
    /// Hidden numbers of a layer's feed-forward part.
    package var encoderFFNEmbedDim = 3_072
    package var encoderAttentionHeads = 12
    /// Length of the positional convolution's kernel.
    package var convPos = 128
    package var convPosGroups = 16
    /// Only false is implemented.
    package var convBias = false
    /// Only "default" is implemented: a norm after the first convolution alone.
    package var extractorMode = "default"
    /// Only false is implemented: norms follow the residual sums.
    package var layerNormFirst = false
    /// Samples of a window, at 500 Hz; not in the checkpoint.
    package var segmentSamples = 2_500

    /// The published settings, to be changed one by one; ``validate()`` judges them.
    package init() {}

    /// The published model: 5 s of 12 leads (McKeen et al., "ECG-FM: an open electrocardiogram foundation model",
    /// JAMIA Open 2025; Jwoo5/fairseq-signals@6b9e137 w2v_cmsc_rlm.yaml).
    package static let published = ECGFMConfig()

    private enum CodingKeys: String, CodingKey {
        case inD = "in_d"
        case convFeatureLayers = "conv_feature_layers"
        case encoderEmbedDim = "encoder_embed_dim"
        case encoderLayers = "encoder_layers"
        case encoderFFNEmbedDim = "encoder_ffn_embed_dim"
        case encoderAttentionHeads = "encoder_attention_heads"
        case convPos = "conv_pos"
        case convPosGroups = "conv_pos_groups"
        case convBias = "conv_bias"
        case extractorMode = "extractor_mode"
        case layerNormFirst = "layer_norm_first"
        case segmentSamples = "segment_samples"
    }

    /// Channels that the feature extractor puts out.
    var features: Int { convFeatureLayers.last?.dim ?? 0 }

    /// Steps after each layer of the feature extractor; what does not fill a kernel is dropped.
    var steps: [Int] {
        var steps = segmentSamples
        return convFeatureLayers.map {
            steps /= $0.stride
            return steps
        }
    }

    /// Operations of a pass, as ``Encoder/operationsPerWindow`` counts them.
    var operations: Int {
        var products = 0
        var channels = inD
        for (steps, layer) in zip(steps, convFeatureLayers) {
            products += steps * channels * layer.kernel * layer.dim
            channels = layer.dim
        }
        let count = steps.last ?? 0
        let width = encoderEmbedDim
        if features != width { products += count * features * width }
        products += count * convPos * width / convPosGroups * width
        let projections = count * width * (4 * width + 2 * encoderFFNEmbedDim)
        return 2 * (products + encoderLayers * (projections + 2 * count * count * width))
    }

    /// Refuses what is not implemented and what no real model needs, before anything is allocated.
    ///
    /// Throws: ``WeightError/unsupported(setting:found:supported:)``.
    package func validate() throws(WeightError) {
        try require("in_d", inD, equals: 12)
        try require("layer_norm_first", layerNormFirst, equals: false)
        try require("extractor_mode", extractorMode, equals: "default")
        try require("conv_bias", convBias, equals: false)
        try require("segment_samples", segmentSamples, in: 1...100_000)
        try validateConvolutions()
        try require("encoder_embed_dim", encoderEmbedDim, in: 1...8_192)
        try require("encoder_layers", encoderLayers, in: 1...128)
        try require("encoder_ffn_embed_dim", encoderFFNEmbedDim, in: 1...32_768)
        try require("encoder_attention_heads", encoderAttentionHeads, in: 1...256)
        try require(
            "encoder_embed_dim", encoderEmbedDim, divisibleBy: encoderAttentionHeads,
            named: "encoder_attention_heads")
        try require("conv_pos", convPos, in: 1...1_024)
        try require("conv_pos_groups", convPosGroups, in: 1...encoderEmbedDim)
        try require(
            "encoder_embed_dim", encoderEmbedDim, divisibleBy: convPosGroups, named: "conv_pos_groups")
        try requireModestSize(ECGFMEncoder.tensorShapes(self))
    }

    private func validateConvolutions() throws(WeightError) {
        try require("conv_feature_layers (count)", convFeatureLayers.count, in: 1...16)
        for layer in convFeatureLayers {
            try require("conv_feature_layers (dim)", layer.dim, in: 1...4_096)
            try require("conv_feature_layers (kernel)", layer.kernel, in: 1...16)
            try require("conv_feature_layers (stride)", layer.stride, equals: layer.kernel)
        }
        // At least one step must be left, and attention takes their square.
        try require("steps of segment_samples after conv_feature_layers", steps.last ?? 0, in: 1...12_000)
    }
}

/// The sizes of an ECG-FM encoder, field names as in `cfg.model`.
///
/// Source: Jwoo5/fairseq-signals@6b9e137 fairseq_signals/models/wav2vec2/wav2vec2.py:254-343.
struct ECGFMArchitecture: Equatable {
    let in_d: Int
    let conv_feature_layers: [ConvolutionLayer]
    let encoder_embed_dim: Int
    let encoder_layers: Int
    let encoder_ffn_embed_dim: Int
    let encoder_attention_heads: Int
    let conv_pos: Int
    let conv_pos_groups: Int

    /// Samples of a segment: 5 s at 500 Hz.
    static let segmentSamples = 2_500
    private static let maximumSize = 1 << 16
    private static let maximumLayers = 256

    /// Throws: ``ImportError/setting(name:found:expected:)`` for a setting that is absent or not implemented.
    init(_ settings: Settings) throws(ImportError) {
        try Self.checkImplemented(settings)
        let sizes = 1...Self.maximumSize
        in_d = try settings.integer("in_d", in: 12...12)
        conv_feature_layers = try Self.convolutions(settings)
        encoder_embed_dim = try settings.integer("encoder_embed_dim", in: sizes)
        encoder_layers = try settings.integer("encoder_layers", in: 1...Self.maximumLayers)
        encoder_ffn_embed_dim = try settings.integer("encoder_ffn_embed_dim", in: sizes)
        encoder_attention_heads = try settings.integer("encoder_attention_heads", in: sizes)
        conv_pos = try settings.integer("conv_pos", in: 1...Self.segmentSamples)
        conv_pos_groups = try settings.integer("conv_pos_groups", in: sizes)
        for name in ["encoder_attention_heads", "conv_pos_groups"] {
            let divisor = try settings.integer(name, in: sizes)
            guard encoder_embed_dim.isMultiple(of: divisor) else {
                throw settings.refused(name, "a divisor of encoder_embed_dim, \(encoder_embed_dim)")
            }
        }
    }

    /// Other values of these change the arithmetic into something that is not implemented.
    private static func checkImplemented(_ settings: Settings) throws(ImportError) {
        try settings.require("layer_norm_first", is: .bool(false))
        try settings.require("extractor_mode", is: .string("default"))
        try settings.require("conv_bias", is: .bool(false))
        // Both would change the input that the network expects.
        for name in ["normalize", "filter"] where settings.has(name) {
            try settings.require(name, is: .bool(false))
        }
        for name in ["activation_fn", "activation"] {
            if let activation = try settings.optionalText(name), activation != "gelu" {
                throw settings.refused(name, "gelu")
            }
        }
    }

    private static func convolutions(_ settings: Settings) throws(ImportError) -> [ConvolutionLayer] {
        let name = "conv_feature_layers"
        guard let text = try settings.optionalText(name) else {
            throw settings.refused(name, "text such as \"[(256, 2, 2)] * 4\"")
        }
        let layers: [ConvolutionLayer]
        do { layers = try ConvolutionLayers.parse(text) } catch {
            throw settings.refused(
                name, "a list such as [(256, 2, 2)] * 4; not one from its byte \(error.byte) on")
        }
        guard layers.allSatisfy({ $0.kernel == 2 && $0.stride == 2 && (1...maximumSize).contains($0.dim) })
        else { throw settings.refused(name, "kernel 2, stride 2 and a size up to \(maximumSize)") }
        guard segmentSamples >> layers.count > 0 else {
            throw settings.refused(name, "layers that leave a token of \(segmentSamples) samples")
        }
        return layers
    }

    var configuration: EncoderConfiguration {
        EncoderConfiguration(settings: [
            "in_d": .integer(in_d),
            "conv_feature_layers": .rows(conv_feature_layers.map { [$0.dim, $0.kernel, $0.stride] }),
            "encoder_embed_dim": .integer(encoder_embed_dim),
            "encoder_layers": .integer(encoder_layers),
            "encoder_ffn_embed_dim": .integer(encoder_ffn_embed_dim),
            "encoder_attention_heads": .integer(encoder_attention_heads),
            "conv_pos": .integer(conv_pos),
            "conv_pos_groups": .integer(conv_pos_groups),
            "conv_bias": .flag(false),
            "extractor_mode": .text("default"),
            "layer_norm_first": .flag(false),
            "segment_samples": .integer(Self.segmentSamples),
        ])
    }

    /// Every tensor that inference uses, in the order of the forward pass.
    var tensors: [ExpectedTensor] {
        let width = encoder_embed_dim
        var tensors: [ExpectedTensor] = []
        var channels = in_d
        for (index, layer) in conv_feature_layers.enumerated() {
            let name = "feature_extractor.conv_layers.\(index)"
            tensors.append(ExpectedTensor(name + ".0.weight", [layer.dim, channels, layer.kernel]))
            if index == 0 { tensors += affine(name + ".2", [layer.dim]) }
            channels = layer.dim
        }
        tensors += affine("layer_norm", [channels])
        if channels != width { tensors += affine("post_extract_proj", [width, channels]) }
        tensors += [
            ExpectedTensor("conv_pos.pos_conv.0.bias", [width]),
            ExpectedTensor("conv_pos.pos_conv.0.weight_g", [1, 1, conv_pos]),
            ExpectedTensor("conv_pos.pos_conv.0.weight_v", [width, width / conv_pos_groups, conv_pos]),
        ]
        tensors += affine("encoder.layer_norm", [width])
        for layer in 0..<encoder_layers { tensors += self.layer("encoder.layers.\(layer)") }
        return tensors
    }

    private func layer(_ name: String) -> [ExpectedTensor] {
        let width = encoder_embed_dim
        var tensors: [ExpectedTensor] = []
        for projection in ["k_proj", "v_proj", "q_proj", "out_proj"] {
            tensors += affine("\(name).self_attn.\(projection)", [width, width])
        }
        tensors += affine("\(name).self_attn_layer_norm", [width])
        tensors += affine("\(name).fc1", [encoder_ffn_embed_dim, width])
        tensors += affine("\(name).fc2", [width, encoder_ffn_embed_dim])
        return tensors + affine("\(name).final_layer_norm", [width])
    }
}

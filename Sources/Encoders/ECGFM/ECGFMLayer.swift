import Tensor

/// One post-norm transformer layer: `x = self_attn_layer_norm(x + out_proj(attention(x)))`, then
/// `x = final_layer_norm(x + fc2(gelu(fc1(x))))` (Jwoo5/fairseq-signals@6b9e137
/// modules/transformer_encoder_layer.py:89-113). Fields are named after the checkpoint's keys.
struct ECGFMLayer: Sendable {
    /// Queries, keys and values in one product.
    let projections: Projection
    private let attention: Attention
    private let outProj: Projection
    private let selfAttnLayerNorm: LayerNorm
    private let fc1: Projection
    private let fc2: Projection
    private let finalLayerNorm: LayerNorm

    /// `rows` is how many tokens it will most often be applied to.
    init(
        _ index: Int, _ config: ECGFMConfig, rows: Int, _ precision: Precision, _ source: some WeightSource
    ) throws(WeightError) {
        let name = "encoder.layers.\(index)."
        let attn = name + "self_attn."
        let width = config.encoderEmbedDim
        let inner = config.encoderFFNEmbedDim
        projections = try Projection(
            stacking: [attn + "q_proj", attn + "k_proj", attn + "v_proj"], inputs: width,
            outputsEach: width, rows: rows, precision: precision, from: source)
        attention = Attention(
            heads: config.encoderAttentionHeads, dim: width / config.encoderAttentionHeads)
        outProj = try Projection(
            attn + "out_proj", inputs: width, outputs: width, rows: rows, precision: precision, from: source)
        selfAttnLayerNorm = try LayerNorm(name + "self_attn_layer_norm", width: width, from: source)
        fc1 = try Projection(
            name + "fc1", inputs: width, outputs: inner, rows: rows, precision: precision, from: source)
        fc2 = try Projection(
            name + "fc2", inputs: inner, outputs: width, rows: rows, precision: precision, from: source)
        finalLayerNorm = try LayerNorm(name + "final_layer_norm", width: width, from: source)
    }

    /// Names and shapes of the layer's tensors, in the checkpoint's order.
    static func tensorShapes(_ index: Int, _ config: ECGFMConfig) -> [(name: String, shape: [Int])] {
        let width = config.encoderEmbedDim
        let inner = config.encoderFFNEmbedDim
        var shapes: [(String, [Int])] = []
        for projection in ["k_proj", "v_proj", "q_proj", "out_proj"] {
            shapes.append(("self_attn.\(projection).weight", [width, width]))
            shapes.append(("self_attn.\(projection).bias", [width]))
        }
        shapes += [
            ("self_attn_layer_norm.weight", [width]), ("self_attn_layer_norm.bias", [width]),
            ("fc1.weight", [inner, width]), ("fc1.bias", [inner]),
            ("fc2.weight", [width, inner]), ("fc2.bias", [width]),
            ("final_layer_norm.weight", [width]), ("final_layer_norm.bias", [width]),
        ]
        return shapes.map { (name: "encoder.layers.\(index)." + $0.0, shape: $0.1) }
    }

    /// `space.tokens` in place; whoever normalised them has made the sums for ``projections``, as this layer does for
    /// those of `next`.
    func apply(_ space: ECGFMWorkspace, before next: ECGFMLayer?, pool: WorkerPool) {
        let scratch = space.scratch
        projections.apply(space.tokens, to: space.projected, isSummed: true, scratch: scratch, pool: pool)
        attention.apply(
            space.projected, sequences: space.windows, to: space.attended, scratch: scratch, pool: pool)
        outProj.apply(
            space.attended, to: space.between, residual: space.tokens, scratch: scratch, pool: pool)
        selfAttnLayerNorm.apply(space.between, to: space.between, before: fc1, scratch: scratch, pool: pool)
        fc1.apply(space.between, to: space.hidden, gelu: true, isSummed: true, scratch: scratch, pool: pool)
        fc2.apply(space.hidden, to: space.tokens, residual: space.between, scratch: scratch, pool: pool)
        if let next {
            finalLayerNorm.apply(
                space.tokens, to: space.tokens, before: next.projections, scratch: scratch, pool: pool)
        } else {
            finalLayerNorm.apply(space.tokens, to: space.tokens, pool: pool)
        }
    }
}

import Tensor

/// One pre-norm transformer block: `x + to_out(attention(norm(x)))`, then `x + net.3(gelu(net.0(norm(x))))`
/// (bakqui/ST-MEM@69ec702 models/encoder/vit.py:42-148). Fields are named after the checkpoint's keys.
struct STMEMBlock: Sendable {
    private let attnNorm: LayerNorm
    private let toQKV: Projection
    private let attention: Attention
    private let toOut: Projection
    private let ffNorm: LayerNorm
    private let net0: Projection
    private let net3: Projection

    init(
        _ index: Int, _ config: STMEMConfig, _ precision: Precision, _ source: some WeightSource
    ) throws(WeightError) {
        let name = "block\(index)."
        let width = config.width
        let inner = config.heads * config.dimHead
        let rows = config.tokens
        attnNorm = try LayerNorm(name + "attn.norm", width: width, from: source)
        toQKV = try Projection(
            name + "attn.fn.to_qkv", inputs: width, outputs: 3 * inner, rows: rows, precision: precision,
            from: source)
        attention = Attention(heads: config.heads, dim: config.dimHead)
        toOut = try Projection(
            name + "attn.fn.to_out.0", inputs: inner, outputs: width, rows: rows, precision: precision,
            from: source)
        ffNorm = try LayerNorm(name + "ff.norm", width: width, from: source)
        net0 = try Projection(
            name + "ff.fn.net.0", inputs: width, outputs: config.mlpDim, rows: rows, precision: precision,
            from: source)
        // Of the last block it sees the mean of all rows (``applyAndPool(_:pool:)``).
        net3 = try Projection(
            name + "ff.fn.net.3", inputs: config.mlpDim, outputs: width,
            rows: index == config.depth - 1 ? 1 : rows, precision: precision, from: source)
    }

    /// Names and shapes of the block's tensors, in the checkpoint's order.
    static func tensorShapes(_ index: Int, _ config: STMEMConfig) -> [(name: String, shape: [Int])] {
        let width = config.width
        let inner = config.heads * config.dimHead
        let shapes: [(String, [Int])] = [
            ("attn.norm.weight", [width]), ("attn.norm.bias", [width]),
            ("attn.fn.to_qkv.weight", [3 * inner, width]), ("attn.fn.to_qkv.bias", [3 * inner]),
            ("attn.fn.to_out.0.weight", [width, inner]), ("attn.fn.to_out.0.bias", [width]),
            ("ff.norm.weight", [width]), ("ff.norm.bias", [width]),
            ("ff.fn.net.0.weight", [config.mlpDim, width]), ("ff.fn.net.0.bias", [config.mlpDim]),
            ("ff.fn.net.3.weight", [width, config.mlpDim]), ("ff.fn.net.3.bias", [width]),
        ]
        return shapes.map { (name: "block\(index)." + $0.0, shape: $0.1) }
    }

    /// `space.tokens` in place.
    func apply(_ space: STMEMWorkspace, pool: WorkerPool) {
        let scratch = space.scratch
        attend(space, pool: pool)
        toOut.apply(
            space.attended, to: space.between, residual: space.tokens, scratch: scratch, pool: pool)
        ffNorm.apply(space.between, to: space.normed, before: net0, scratch: scratch, pool: pool)
        net0.apply(space.normed, to: space.hidden, gelu: true, isSummed: true, scratch: scratch, pool: pool)
        net3.apply(space.hidden, to: space.tokens, residual: space.between, scratch: scratch, pool: pool)
    }

    /// The mean over the patch tokens of what the block would make of `space.tokens`, to `space.pooled` `[1, width]`.
    ///
    /// Separators are left out after attention, since nothing reads them any more; and the second layer of the MLP,
    /// being linear, is applied to the mean of its inputs instead of to every token.
    func applyAndPool(_ space: STMEMWorkspace, pool: WorkerPool) {
        let scratch = space.scratch
        attend(space, pool: pool)
        let patches = space.embedded.rows
        let attended = space.attendedPatches
        let residual = space.embedded
        for lead in 0..<space.leads {
            for patch in 0..<patches / space.leads {
                let row = lead * (patches / space.leads) + patch
                let token = row + 2 * lead + 1
                attended.setRow(row, to: space.attended, token)
                residual.setRow(row, to: space.tokens, token)
            }
        }
        let between = space.between.rows(0..<patches)
        let normed = space.normed.rows(0..<patches)
        let hidden = space.hidden.rows(0..<patches)
        toOut.apply(attended, to: between, residual: residual, scratch: scratch, pool: pool)
        ffNorm.apply(between, to: normed, before: net0, scratch: scratch, pool: pool)
        net0.apply(normed, to: hidden, gelu: true, isSummed: true, scratch: scratch, pool: pool)
        space.meanHidden.setMean(ofRows: hidden, pool: pool)
        space.meanBetween.setMean(ofRows: between, pool: pool)
        net3.apply(
            space.meanHidden, to: space.pooled, residual: space.meanBetween, scratch: scratch, pool: pool)
    }

    private func attend(_ space: STMEMWorkspace, pool: WorkerPool) {
        attnNorm.apply(space.tokens, to: space.normed, before: toQKV, scratch: space.scratch, pool: pool)
        toQKV.apply(space.normed, to: space.projected, isSummed: true, scratch: space.scratch, pool: pool)
        attention.apply(space.projected, to: space.attended, scratch: space.scratch, pool: pool)
    }
}

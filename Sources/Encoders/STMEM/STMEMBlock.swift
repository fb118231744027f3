import Tensor

/// One pre-norm transformer block: `x + to_out(attention(norm(x)))`, then `x + net.3(gelu(net.0(norm(x))))`
/// (bakqui/ST-MEM@69ec702 models/encoder/vit.py:42-148). Fields are named after the checkpoint's keys.
struct STMEMBlock: Sendable {
    private let attnNorm: LayerNorm
    private let toQKV: Linear
    private let attention: Attention
    private let toOut: Linear
    private let ffNorm: LayerNorm
    private let net0: Linear
    private let net3: Linear

    init(_ index: Int, _ config: STMEMConfig, _ source: some WeightSource) throws(WeightError) {
        let name = "block\(index)."
        let width = config.width
        let inner = config.heads * config.dimHead
        attnNorm = try LayerNorm(name + "attn.norm", width: width, from: source)
        toQKV = try Linear(name + "attn.fn.to_qkv", inputs: width, outputs: 3 * inner, from: source)
        attention = Attention(heads: config.heads, dim: config.dimHead)
        toOut = try Linear(name + "attn.fn.to_out.0", inputs: inner, outputs: width, from: source)
        ffNorm = try LayerNorm(name + "ff.norm", width: width, from: source)
        net0 = try Linear(name + "ff.fn.net.0", inputs: width, outputs: config.mlpDim, from: source)
        net3 = try Linear(name + "ff.fn.net.3", inputs: config.mlpDim, outputs: width, from: source)
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
        let packing = space.packing
        attnNorm.apply(space.tokens, to: space.normed, pool: pool)
        toQKV.apply(space.normed, to: space.projected, packing: packing, pool: pool)
        attention.apply(space.projected, to: space.attended, scratch: space.scratch, pool: pool)
        toOut.apply(
            space.attended, to: space.between, residual: space.tokens, packing: packing, pool: pool)
        ffNorm.apply(space.between, to: space.normed, pool: pool)
        net0.apply(space.normed, to: space.hidden, gelu: true, packing: packing, pool: pool)
        net3.apply(
            space.hidden, to: space.tokens, residual: space.between, packing: packing, pool: pool)
    }
}

/// The activations of one pass, kept from pass to pass.
final class STMEMWorkspace: Sendable {
    let threads: Int
    /// `[12 * patches, patch size]`
    let patches: Matrix
    /// `[12 * patches, width]`
    let embedded: Matrix
    /// `[tokens, width]`: before a block, and between its halves.
    let tokens: Matrix
    let between: Matrix
    let normed: Matrix
    /// `[tokens, 3 * heads * dimHead]`
    let projected: Matrix
    let attended: Matrix
    let hidden: Matrix
    let pooled: Matrix
    let packing: PackedRows
    let scratch: WorkerScratch

    init(_ config: STMEMConfig, threads: Int) {
        self.threads = threads
        let count = config.tokens
        let inner = config.heads * config.dimHead
        let patchCount = config.numLeads * config.patches
        patches = Matrix(rows: patchCount, columns: config.patchSize)
        embedded = Matrix(rows: patchCount, columns: config.width)
        tokens = Matrix(rows: count, columns: config.width)
        between = Matrix(rows: count, columns: config.width)
        normed = Matrix(rows: count, columns: config.width)
        projected = Matrix(rows: count, columns: 3 * inner)
        attended = Matrix(rows: count, columns: inner)
        hidden = Matrix(rows: count, columns: config.mlpDim)
        pooled = Matrix(rows: 1, columns: config.width)
        packing = PackedRows(for: [
            (patchCount, config.patchSize), (count, config.width), (count, inner), (count, config.mlpDim),
        ])
        let attention = Attention(heads: config.heads, dim: config.dimHead)
        scratch = WorkerScratch(threads: threads, countEach: attention.scratchCount(tokens: count))
    }
}

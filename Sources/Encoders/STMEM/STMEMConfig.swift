package import Tensor

/// Sizes of an ST-MEM encoder, named as in its checkpoint's configuration where they are stored there.
package struct STMEMConfig: Codable, Sendable, Equatable {
    /// Samples of a window, at 250 Hz.
    package var seqLen: Int
    /// Samples of a patch.
    package var patchSize: Int
    /// Always 12: the network has an embedding for each.
    package var numLeads: Int
    /// Numbers of a token and of the embedding.
    package var width: Int
    /// Transformer blocks.
    package var depth: Int
    /// Attention heads; the checkpoint does not store them.
    package var heads: Int
    /// Columns of a head; the checkpoint does not store it.
    package var dimHead: Int
    /// Hidden numbers of a block's MLP.
    package var mlpDim: Int

    /// Takes any sizes; ``validate()`` judges them.
    package init(
        seqLen: Int, patchSize: Int, numLeads: Int, width: Int, depth: Int, heads: Int, dimHead: Int,
        mlpDim: Int
    ) {
        self.seqLen = seqLen
        self.patchSize = patchSize
        self.numLeads = numLeads
        self.width = width
        self.depth = depth
        self.heads = heads
        self.dimHead = dimHead
        self.mlpDim = mlpDim
    }

    /// ViT-B/75, the published model: 9 s of 12 leads, 85,150,614 parameters (Na et al., ICLR 2024,
    /// "Guiding Masked Representation Learning to Capture Spatio-Temporal Relationship of Electrocardiogram").
    package static let published = STMEMConfig(
        seqLen: 2_250, patchSize: 75, numLeads: 12, width: 768, depth: 12, heads: 12, dimHead: 64,
        mlpDim: 3_072)

    private enum CodingKeys: String, CodingKey {
        case seqLen = "seq_len"
        case patchSize = "patch_size"
        case numLeads = "num_leads"
        case width, depth, heads
        case dimHead = "dim_head"
        case mlpDim = "mlp_dim"
    }

    /// Patches of one lead.
    var patches: Int { seqLen / patchSize }
    /// Tokens of one lead: its patches between two separators.
    var positions: Int { patches + 2 }
    var tokens: Int { numLeads * positions }

    /// Operations of a pass, as ``Encoder/operationsPerWindow`` counts them.
    var operations: Int {
        let inner = heads * dimHead
        let projections = tokens * width * (4 * inner + 2 * mlpDim)
        let attention = 2 * tokens * tokens * inner
        return 2 * (numLeads * patches * patchSize * width + depth * (projections + attention))
    }

    /// Refuses what is not implemented and what no real model needs, before anything is allocated.
    ///
    /// Throws: ``WeightError/unsupported(setting:found:supported:)``.
    package func validate() throws(WeightError) {
        try require("num_leads", numLeads, equals: 12)
        try require("seq_len", seqLen, in: 1...100_000)
        try require("patch_size", patchSize, in: 1...seqLen)
        try require("seq_len", seqLen, divisibleBy: patchSize, named: "patch_size")
        try require("patches (seq_len / patch_size)", patches, in: 1...1_000)
        try require("width", width, in: 1...8_192)
        try require("depth", depth, in: 1...128)
        try require("heads", heads, in: 1...256)
        try require("dim_head", dimHead, in: 1...1_024)
        try require("heads * dim_head", heads * dimHead, in: 1...8_192)
        try require("mlp_dim", mlpDim, in: 1...32_768)
        if heads == 1 && dimHead == width {
            // Upstream then builds attention without `to_out`.
            throw .unsupported(
                setting: "heads", found: "1, with dim_head equal to width", supported: "at least 2")
        }
        try requireModestSize(STMEMEncoder.tensorShapes(self))
    }
}

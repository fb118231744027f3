import Tensor

/// Where ST-MEM's activations lie in an arena.
struct STMEMLayout: Sendable {
    let leads: Int
    /// `[12 * patches, patch size]`
    let patches: Place
    /// `[12 * patches, width]`
    let embedded: Place
    /// `[tokens, width]`: before a block, and between its halves.
    let tokens: Place
    let between: Place
    let normed: Place
    /// `[tokens, 3 * heads * dimHead]`
    let projected: Place
    let attended: Place
    let hidden: Place
    /// The patch tokens' rows of `attended`.
    let attendedPatches: Place
    /// `[1, mlp dim]` and `[1, width]`
    let meanHidden: Place
    let meanBetween: Place
    let pooled: Place
    let scratch: ScratchPlace

    init(_ config: STMEMConfig, precision: Precision) {
        let (count, width) = (config.tokens, config.width)
        let inner = config.heads * config.dimHead
        let patchCount = config.numLeads * config.patches
        var plan = ArenaPlan()
        leads = config.numLeads
        tokens = plan.place(rows: count, columns: width)
        between = plan.place(rows: count, columns: width)
        embedded = plan.place(rows: patchCount, columns: width)
        meanHidden = plan.place(rows: 1, columns: config.mlpDim)
        meanBetween = plan.place(rows: 1, columns: width)
        pooled = plan.place(rows: 1, columns: width)
        // What attention has made of the patches is read before the next norm writes.
        var mark = plan.end
        normed = plan.place(rows: count, columns: width)
        plan.share(from: mark)
        attendedPatches = plan.place(rows: patchCount, columns: inner)
        plan.endSharing()
        // Patches are gone before the first block, and a block's attention before its MLP.
        mark = plan.end
        projected = plan.place(rows: count, columns: 3 * inner)
        attended = plan.place(rows: count, columns: inner)
        plan.share(from: mark)
        hidden = plan.place(rows: count, columns: config.mlpDim, spreadingRows: true)
        plan.share(from: mark)
        patches = plan.place(rows: patchCount, columns: config.patchSize)
        let attention = Attention(heads: config.heads, dim: config.dimHead)
        let patching = (rows: patchCount, outputs: width, inputs: config.patchSize)
        let blocks = Self.products(config)
        scratch = plan.scratch(
            countEach: attention.scratchCount(tokens: count),
            products: [patching] + (precision == .fp32 ? blocks : []),
            integerProducts: precision == .int16 ? blocks : [])
    }

    /// Those of a block; the last has fewer rows.
    private static func products(_ config: STMEMConfig) -> [ProductShape] {
        let width = config.width
        let inner = config.heads * config.dimHead
        return [config.tokens, config.numLeads * config.patches, 1].flatMap { rows -> [ProductShape] in
            [
                (rows, 3 * inner, width), (rows, width, inner), (rows, config.mlpDim, width),
                (rows, width, config.mlpDim),
            ]
        }
    }
}

/// The activations of one pass of ST-MEM, in an arena.
struct STMEMWorkspace {
    let layout: STMEMLayout
    let arena: Arena
    let scratch: WorkerScratch

    init(layout: STMEMLayout, arena: Arena, threads: Int) {
        self.layout = layout
        self.arena = arena
        scratch = arena.scratch(layout.scratch, threads: threads)
    }

    var leads: Int { layout.leads }
    var patches: Matrix { arena.matrix(layout.patches) }
    var embedded: Matrix { arena.matrix(layout.embedded) }
    var tokens: Matrix { arena.matrix(layout.tokens) }
    var between: Matrix { arena.matrix(layout.between) }
    var normed: Matrix { arena.matrix(layout.normed) }
    var projected: Matrix { arena.matrix(layout.projected) }
    var attended: Matrix { arena.matrix(layout.attended) }
    var hidden: Matrix { arena.matrix(layout.hidden) }
    var attendedPatches: Matrix { arena.matrix(layout.attendedPatches) }
    var meanHidden: Matrix { arena.matrix(layout.meanHidden) }
    var meanBetween: Matrix { arena.matrix(layout.meanBetween) }
    var pooled: Matrix { arena.matrix(layout.pooled) }
}

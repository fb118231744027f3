package import Tensor

/// A ResNet for inference alone: batch normalisation folded into the convolutions, which are products of matrices on
/// overlapping rows, with biases, residuals and rectifiers in the products' epilogues.
///
/// A warm pass allocates nothing. ``ResNet/logits(_:pool:)`` computes the same up to rounding.
package final class FoldedResNet: Sendable {
    package let config: ResNetConfig
    /// Positions of the signal.
    package let positions: Int
    private let stem: FoldedConvolution
    private let blocks: [FoldedBottleneck]
    private let classifier: Linear
    private let layout: FoldedLayout

    /// Takes every tensor from the source, by torchvision's names and shapes.
    ///
    /// Throws: ``WeightError`` when one is absent, has another shape or a value that cannot be.
    package init(
        _ config: ResNetConfig, positions: Int, from source: some WeightSource
    ) throws(WeightError) {
        precondition(positions >= 2)
        self.config = config
        self.positions = positions
        stem = try FoldedConvolution(config.stemPart, from: source)
        var blocks: [FoldedBottleneck] = []
        for bottleneck in config.bottlenecks {
            blocks.append(try FoldedBottleneck(bottleneck, from: source))
        }
        self.blocks = blocks
        classifier = try Linear("fc", inputs: config.features, outputs: 1, from: source)
        layout = FoldedLayout(config, positions: positions)
    }

    /// Learnt numbers.
    package var parameterCount: Int { config.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    /// Additions and multiplications of one pass.
    package var operations: Int { layout.operations }

    /// The log odds of one signal `[leads, positions]`, as a segment lies.
    ///
    /// Not finite where the network overflows.
    package func logit(_ signal: [Float], pool: WorkerPool) -> Float {
        precondition(signal.count == config.leads * positions)
        return Arenas.shared.with(count: layout.scratch.arenaCount(threads: pool.threads)) { arena in
            let scratch = arena.scratch(layout.scratch, threads: pool.threads)
            let input = arena.matrix(layout.input)
            input.clear(0..<config.stem.padding)
            input.clear(config.stem.padding + positions..<input.rows)
            input.rows(config.stem.padding..<config.stem.padding + positions).copyTransposed(signal)
            let convolved = arena.matrix(layout.stem)
            stem.apply(input, to: convolved, relu: true, scratch: scratch, pool: pool)
            var current = arena.matrix(layout.pooled)
            let pooling = ResNetConfig.stemPool
            current.setMaxima(
                of: convolved, width: pooling.width, stride: pooling.stride, padding: pooling.padding,
                pool: pool)
            for (block, places) in zip(blocks, layout.blocks) {
                current = block.apply(current, places, arena, scratch: scratch, pool: pool)
            }
            let mean = arena.matrix(layout.mean)
            mean.setMean(ofRows: current, pool: pool)
            let logit = arena.matrix(layout.logit)
            classifier.apply(mean, to: logit, scratch: scratch, pool: .single)
            return logit[0, 0]
        }
    }
}

/// A bottleneck for inference.
struct FoldedBottleneck: Sendable {
    private let reduce: FoldedConvolution
    private let middle: FoldedConvolution
    private let expand: FoldedConvolution
    private let shortcut: FoldedConvolution?

    /// Throws: ``WeightError``.
    init(_ bottleneck: Bottleneck, from source: some WeightSource) throws(WeightError) {
        reduce = try FoldedConvolution(bottleneck.reduce, from: source)
        middle = try FoldedConvolution(bottleneck.middle, from: source)
        expand = try FoldedConvolution(bottleneck.expand, from: source)
        if let part = bottleneck.shortcut {
            shortcut = try FoldedConvolution(part, from: source)
        } else {
            shortcut = nil
        }
    }

    /// `[positions, inputs]` to `[positions', outputs]`, in the block's own place.
    func apply(
        _ input: Matrix, _ places: FoldedLayout.Block, _ arena: Arena, scratch: WorkerScratch,
        pool: WorkerPool
    ) -> Matrix {
        let padding = middle.layer.padding
        let reduced = arena.matrix(places.reduced)
        reduced.clear(0..<padding)
        reduced.clear(padding + input.rows..<reduced.rows)
        reduce.apply(
            input, to: reduced.rows(padding..<padding + input.rows), relu: true, scratch: scratch, pool: pool)
        let between = arena.matrix(places.between)
        middle.apply(reduced, to: between, relu: true, scratch: scratch, pool: pool)
        var around = input
        if let shortcut {
            around = arena.matrix(places.around)
            shortcut.apply(input, to: around, relu: false, scratch: scratch, pool: pool)
        }
        let output = arena.matrix(places.output)
        expand.apply(between, to: output, residual: around, relu: true, scratch: scratch, pool: pool)
        return output
    }
}

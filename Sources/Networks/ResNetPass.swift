import Tensor

/// One batch on its way through the network and back, in an arena.
struct ResNetPass {
    let layout: TrainingLayout
    let arena: Arena
    let config: ResNetConfig
    let parameters: [String: [Float]]
    /// Running statistics, which follow the batch.
    private(set) var buffers: [String: [Float]]
    let pool: WorkerPool
    let scratch: WorkerScratch

    init(
        _ layout: TrainingLayout, in arena: Arena, _ config: ResNetConfig, _ network: ResNet<Float>,
        pool: WorkerPool
    ) {
        self.layout = layout
        self.arena = arena
        self.config = config
        parameters = network.parameters
        buffers = network.buffers
        self.pool = pool
        scratch = arena.scratch(layout.scratch, threads: pool.threads)
    }

    /// Copies a record's `[leads, positions]`.
    func take(_ signal: [Float], as index: Int) {
        let input = rows(layout.input, padding: config.stem.padding)
        input.clearPadding(index)
        input.record(index).copyTransposed(signal)
    }

    /// From the signal to the last block's output.
    mutating func forward(_ blocks: [Bottleneck]) {
        convolve(config.stemPart, layout.stem, rows(layout.input, padding: config.stem.padding))
        maxima.run(on: pool)
        var signal = rows(layout.pooled)
        var making: Activation?
        for (block, places) in zip(blocks, layout.blocks) {
            // The first convolution of a block makes the output of the block before.
            convolve(block.reduce, places.reduce, signal, making: making)
            convolve(
                block.middle, places.middle, reduced(block, places),
                making: Activation(normalised(places.reduce), to: reduced(block, places)))
            convolve(
                block.expand, places.expand, rows(places.between),
                making: Activation(normalised(places.middle), to: rows(places.between)))
            if let part = block.shortcut, let shortcut = places.shortcut { convolve(part, shortcut, signal) }
            making = Activation(
                normalised(places.expand),
                around: places.shortcut.map { .normalised(normalised($0)) } ?? .rows(signal),
                to: rows(places.output))
            signal = rows(places.output)
        }
        making?.run(on: pool)
    }

    /// Loss and the gradient of the features' means; those of the classifier.
    func classify(labels: [Bool], positiveWeight: Double) -> Double {
        let (means, slopes) = (arena.matrix(layout.means), arena.matrix(layout.meanSlopes))
        meansOfRecords.run(on: pool)
        let (weight, bias) = (parameter("fc.weight"), parameter("fc.bias")[0])
        let logits = labels.indices.map { record in
            bias + means.dot(row: record, weight)
        }
        let (loss, slope) = BinaryCrossEntropy.evaluate(
            logits: logits, labels: labels, positiveWeight: positiveWeight)
        let gradients = layout.classifier.map { arena.matrix($0) }
        gradients[0].clear(0..<1)
        gradients[1][0, 0] = slope.reduce(0, +)
        for record in labels.indices {
            gradients[0].add(slope[record], times: means, row: record, toRow: 0)
            slopes.setRow(record, to: weight, times: slope[record])
        }
        return loss
    }

    /// `[records, positions, inputs]` through a convolution; then the statistics of its output are there.
    private mutating func convolve(
        _ part: Bottleneck.Part, _ places: TrainingLayout.Part, _ input: RecordRows,
        making activation: Activation? = nil
    ) {
        let (output, sums) = (normalised(places), sums(0, width: part.layer.outputs))
        let groups = ForwardConvolution(
            input, making: activation, filters: packed(part, .forward), stride: part.layer.stride,
            to: output.rows, sums: sums, scratch: scratch
        ).run(on: pool)
        output.statistics.set(weight: parameter(part.scale), bias: parameter(part.shift))
        var (mean, variance) = (buffers[part.runningMean] ?? [], buffers[part.runningVariance] ?? [])
        output.statistics.set(
            from: sums, groups: groups, rows: output.rows.rows,
            epsilon: BatchNormalisation<Double>.epsilon, momentum: BatchNormalisation<Float>.momentum,
            runningMean: &mean, runningVariance: &variance)
        (buffers[part.runningMean], buffers[part.runningVariance]) = (mean, variance)
    }

    func rows(_ place: Place, padding: Int = 0) -> RecordRows {
        RecordRows(arena.matrix(place), records: layout.records, padding: padding)
    }

    func reduced(_ block: Bottleneck, _ places: TrainingLayout.Block) -> RecordRows {
        rows(places.reduced, padding: block.middle.layer.padding)
    }

    func normalised(_ places: TrainingLayout.Part) -> NormalisedRows {
        NormalisedRows(rows(places.convolved), BatchStatistics(in: arena.matrix(places.statistics)))
    }

    func sums(_ index: Int, width: Int) -> ColumnSums {
        ColumnSums(in: arena.matrix(layout.sums[index]), width: width)
    }

    /// The rectifier at the end of a block.
    func gate(_ block: TrainingLayout.Block) -> GradientGate {
        let width = block.output.columns
        return GradientGate(
            rows(block.output), normalised(block.expand), sums: sums(0, width: width),
            other: block.shortcut.map { (normalised($0), sums(1, width: width)) })
    }

    var maxima: MaximaOfActivations {
        let pooling = ResNetConfig.stemPool
        return MaximaOfActivations(
            normalised(layout.stem), width: pooling.width, stride: pooling.stride, padding: pooling.padding,
            to: rows(layout.pooled), scratch: scratch)
    }

    var meansOfRecords: MeansOfRecords {
        MeansOfRecords(
            of: rows(layout.blocks.last?.output ?? layout.pooled), to: arena.matrix(layout.means))
    }

    func packed(
        _ part: Bottleneck.Part, _ direction: PackedFilters.Direction
    ) -> PackedFilters {
        PackedFilters(
            parameter(part.weight), part.layer.filters, direction, in: arena.matrix(layout.packed), pool: pool
        )
    }

    func parameter(_ name: String) -> [Float] {
        guard let values = parameters[name] else { preconditionFailure("the network has no \(name)") }
        return values
    }
}

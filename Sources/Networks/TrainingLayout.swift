import Tensor

/// Where activations, gradients and all else of a training step lie in an arena.
struct TrainingLayout: Sendable {
    /// A convolution and its normalisation.
    struct Part: Sendable {
        /// What the convolution gives, later its gradient.
        let convolved: Place
        let statistics: Place
        /// Of weights, and of the normalisation's weight and bias.
        let gradients: [Place]
    }

    /// A block's parts and activations.
    struct Block: Sendable {
        let reduce: Part
        let middle: Part
        let expand: Part
        let shortcut: Part?
        /// Inputs of the middle and of the last convolution; the first with padding.
        let reduced: Place
        let between: Place
        let output: Place
        /// Gradients of these, which share memory with other blocks'; those of the outputs lie in two places by turns.
        let reducedSlope: Place
        let betweenSlope: Place
        let outputSlope: Place
    }

    let records: Int
    let input: Place
    let stem: Part
    let stemSlope: Place
    let pooled: Place
    let pooledSlope: Place
    let blocks: [Block]
    let means: Place
    let meanSlopes: Place
    let classifier: [Place]
    /// Sums of two normalisations at a time, packed weights, and gradients of weights tap by tap: of one layer at a time.
    let sums: [Place]
    let packed: Place
    let tapByTap: Place
    let scratch: ScratchPlace

    init(_ config: ResNetConfig, records: Int, positions: Int) {
        var builder = Builder(records: records)
        self.records = records
        let stemPositions = config.stem.positions(of: positions)
        let pooling = ResNetConfig.stemPool
        let pooledPositions = (stemPositions + 2 * pooling.padding - pooling.width) / pooling.stride + 1
        input = builder.rows(positions, config.leads, padding: config.stem.padding)
        stem = builder.part(config.stemPart, positions: stemPositions)
        pooled = builder.rows(pooledPositions, config.width)
        means = builder.plan.place(rows: records, columns: config.features)
        meanSlopes = builder.plan.place(rows: records, columns: config.features)
        classifier = [
            builder.plan.place(rows: 1, columns: config.features), builder.plan.place(rows: 1, columns: 1),
        ]
        stemSlope = builder.rows(stemPositions, config.width)
        let slopes = builder.slopes(config.bottlenecks, positions: pooledPositions, channels: config.width)
        pooledSlope = slopes.outputs[0]
        blocks = builder.blocks(config.bottlenecks, positions: pooledPositions, slopes)
        builder.needs(
            MaximaOfActivations.scratchCount(positions: stemPositions, channels: config.width))
        sums = (0..<2).map { _ in
            builder.plan.place(rows: records, columns: ColumnSums.columns(width: config.features))
        }
        packed = builder.plan.place(rows: 1, columns: builder.packedCount)
        tapByTap = builder.plan.place(rows: 1, columns: builder.weightsCount)
        scratch = builder.plan.scratch(countEach: builder.scratchCount, products: [])
    }
}

/// Gradients of what blocks pass on and of what they have inside.
private struct Slopes {
    /// Of the first block's input, then of every block's output.
    var outputs: [Place]
    var reduced: [Place]
    var between: [Place]
}

private struct Builder {
    let records: Int
    var plan = ArenaPlan()
    var packedCount = 0
    var weightsCount = 0
    var scratchCount = WeightGradient.scratchCount

    init(records: Int) { self.records = records }

    /// A batch's activations. `isWide` where rows of 4 KB would push each other out of the cache, and no stretches of rows
    /// are taken.
    mutating func rows(_ positions: Int, _ channels: Int, padding: Int = 0, isWide: Bool = false) -> Place {
        plan.place(rows: records * (positions + 2 * padding), columns: channels, spreadingRows: isWide)
    }

    mutating func needs(_ floats: Int) { scratchCount = max(scratchCount, floats) }

    /// `positions` are those of the output.
    mutating func part(
        _ part: Bottleneck.Part, positions: Int, isWide: Bool = false
    ) -> TrainingLayout.Part {
        let (layer, shape) = (part.layer, part.layer.filters)
        packedCount = max(packedCount, shape.packedCount)
        if layer.taps > 1 { weightsCount = max(weightsCount, layer.outputs * layer.inputs * layer.taps) }
        needs(BackwardConvolution.scratchCount(positions: positions, filters: shape))
        return TrainingLayout.Part(
            convolved: rows(positions, layer.outputs, isWide: isWide),
            statistics: plan.place(rows: BatchStatistics.rows, columns: layer.outputs),
            gradients: [
                plan.place(rows: layer.outputs, columns: layer.inputs * layer.taps),
                plan.place(rows: 1, columns: layer.outputs), plan.place(rows: 1, columns: layer.outputs),
            ])
    }

    /// Behind the places of which they take the memory, too.
    mutating func slopes(_ bottlenecks: [Bottleneck], positions: Int, channels: Int) -> Slopes {
        var shapes = [(positions: positions, bottleneck: Bottleneck?.none)]
        for bottleneck in bottlenecks {
            let before = shapes[shapes.count - 1].positions
            shapes.append((bottleneck.middle.layer.positions(of: before), bottleneck))
        }
        var outputs = [Place?](repeating: nil, count: shapes.count)
        for turn in 0..<2 {
            let mark = plan.end
            for index in shapes.indices where index % 2 == turn {
                plan.share(from: mark)
                let shape = shapes[index]
                outputs[index] = rows(
                    shape.positions, shape.bottleneck?.outputs ?? channels, isWide: shape.bottleneck != nil)
            }
            plan.endSharing()
        }
        var slopes = Slopes(outputs: outputs.compactMap(\.self), reduced: [], between: [])
        let mark = plan.end
        for (before, bottleneck) in zip(shapes, bottlenecks) {
            plan.share(from: mark)
            let width = bottleneck.reduce.layer.outputs
            slopes.reduced.append(rows(before.positions, width))
            slopes.between.append(rows(bottleneck.middle.layer.positions(of: before.positions), width))
        }
        plan.endSharing()
        return slopes
    }

    mutating func blocks(
        _ bottlenecks: [Bottleneck], positions: Int, _ slopes: Slopes
    ) -> [TrainingLayout.Block] {
        var positions = positions
        return bottlenecks.enumerated().map { index, bottleneck in
            let middle = bottleneck.middle.layer
            let after = middle.positions(of: positions)
            defer { positions = after }
            return TrainingLayout.Block(
                reduce: part(bottleneck.reduce, positions: positions),
                middle: part(bottleneck.middle, positions: after),
                expand: part(bottleneck.expand, positions: after, isWide: true),
                shortcut: bottleneck.shortcut.map { part($0, positions: after, isWide: true) },
                reduced: rows(positions, middle.inputs, padding: middle.padding),
                between: rows(after, middle.outputs),
                output: rows(after, bottleneck.outputs, isWide: true),
                reducedSlope: slopes.reduced[index], betweenSlope: slopes.between[index],
                outputSlope: slopes.outputs[index + 1])
        }
    }
}

extension Convolution {
    var filters: PackedFilters.Shape { .init(outputs: outputs, inputs: inputs, taps: taps) }
}

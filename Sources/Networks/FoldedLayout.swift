import Tensor

/// Where the activations of an inference lie in an arena.
struct FoldedLayout: Sendable {
    /// The places of a block.
    struct Block: Sendable {
        /// With the middle convolution's padding.
        let reduced: Place
        let between: Place
        let around: Place
        let output: Place
    }

    /// With the stem's padding.
    let input: Place
    let stem: Place
    let pooled: Place
    let blocks: [Block]
    let mean: Place
    let logit: Place
    let scratch: ScratchPlace
    let operations: Int

    init(_ config: ResNetConfig, positions: Int) {
        var builder = Builder()
        let stemPositions = config.stem.positions(of: positions)
        let pooling = ResNetConfig.stemPool
        let pooledPositions = (stemPositions + 2 * pooling.padding - pooling.width) / pooling.stride + 1
        input = builder.plan.place(rows: positions + 2 * config.stem.padding, columns: config.leads)
        stem = builder.plan.place(rows: stemPositions, columns: config.width)
        pooled = builder.plan.place(rows: pooledPositions, columns: config.width)
        builder.count(config.stem, stemPositions)
        blocks = builder.blocks(config.bottlenecks, positions: pooledPositions)
        mean = builder.plan.place(rows: 1, columns: config.features)
        logit = builder.plan.place(rows: 1, columns: 1)
        builder.products.append((1, 1, config.features))
        scratch = builder.plan.scratch(countEach: 0, products: builder.products)
        operations = 2 * builder.products.reduce(0) { $0 + $1.rows * $1.outputs * $1.inputs }
    }

    private struct Builder {
        var plan = ArenaPlan()
        var products: [ProductShape] = []

        mutating func count(_ layer: Convolution, _ positions: Int) {
            products.append((positions, layer.outputs, layer.inputs * layer.taps))
        }

        /// What lies within a block shares its memory with other blocks; outputs lie in two places by turns.
        mutating func blocks(_ bottlenecks: [Bottleneck], positions: Int) -> [Block] {
            let turns = outputs(bottlenecks, positions: positions)
            let mark = plan.end
            var positions = positions
            var blocks: [Block] = []
            for (bottleneck, output) in zip(bottlenecks, turns) {
                plan.share(from: mark)
                let (middle, after) = (
                    bottleneck.middle.layer, bottleneck.middle.layer.positions(of: positions)
                )
                blocks.append(
                    Block(
                        reduced: plan.place(rows: positions + 2 * middle.padding, columns: middle.inputs),
                        between: plan.place(rows: after, columns: middle.outputs),
                        around: plan.place(rows: after, columns: bottleneck.outputs, spreadingRows: true),
                        output: output))
                count(bottleneck.reduce.layer, positions)
                for part in bottleneck.convolutions.dropFirst() { count(part.layer, after) }
                positions = after
            }
            plan.endSharing()
            return blocks
        }

        /// The blocks' outputs: each block reads the place that it does not write.
        private mutating func outputs(_ bottlenecks: [Bottleneck], positions: Int) -> [Place] {
            var shapes: [(rows: Int, columns: Int)] = []
            var positions = positions
            for bottleneck in bottlenecks {
                positions = bottleneck.middle.layer.positions(of: positions)
                shapes.append((positions, bottleneck.outputs))
            }
            var places = [Place?](repeating: nil, count: shapes.count)
            for turn in 0..<2 {
                let mark = plan.end
                for index in shapes.indices where index % 2 == turn {
                    plan.share(from: mark)
                    places[index] = plan.place(
                        rows: shapes[index].rows, columns: shapes[index].columns, spreadingRows: true)
                }
                plan.endSharing()
            }
            return places.compactMap(\.self)
        }
    }
}

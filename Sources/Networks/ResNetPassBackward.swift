import Tensor

extension ResNetPass {
    /// From the gradient of the features' means to those of all parameters before them.
    func backward(_ blocks: [Bottleneck]) {
        guard let last = layout.blocks.last else { return }
        settle(
            last,
            groups: meansOfRecords.runBackward(
                arena.matrix(layout.meanSlopes), to: rows(last.outputSlope), gate: gate(last), on: pool))
        for index in blocks.indices.reversed() {
            let before = index > 0 ? layout.blocks[index - 1] : nil
            back(blocks[index], layout.blocks[index], to: before)
        }
        let sums = sums(0, width: config.width)
        let groups = maxima.runBackward(
            rows(layout.pooledSlope), to: rows(layout.stemSlope), sums: sums, on: pool)
        settle(layout.stem, sums, groups: groups)
        _ = BackwardConvolution(
            rows(layout.stemSlope), normalised(layout.stem), filters: nil, stride: config.stem.stride,
            padding: config.stem.padding, to: rows(layout.stemSlope), scratch: scratch
        ).run(on: pool)
        weigh(config.stemPart, layout.stem, rows(layout.input, padding: config.stem.padding))
    }

    /// From the gradient of a block's output, which has passed its rectifier, to that of the block before.
    private func back(
        _ block: Bottleneck, _ places: TrainingLayout.Block, to before: TrainingLayout.Block?
    ) {
        let slope = rows(places.outputSlope)
        back(
            block.expand, places.expand, slope, to: rows(places.betweenSlope),
            gate: GradientGate(
                rows(places.between), normalised(places.middle),
                sums: sums(0, width: block.middle.layer.outputs)),
            settling: places.middle)
        weigh(block.expand, places.expand, rows(places.between))
        back(
            block.middle, places.middle, rows(places.betweenSlope), to: rows(places.reducedSlope),
            gate: GradientGate(
                reduced(block, places), normalised(places.reduce),
                sums: sums(0, width: block.reduce.layer.outputs)),
            settling: places.reduce)
        weigh(block.middle, places.middle, reduced(block, places))
        let (input, target) = (
            rows(before?.output ?? layout.pooled), rows(before?.outputSlope ?? layout.pooledSlope)
        )
        if let part = block.shortcut, let shortcut = places.shortcut {
            _ = backward(part, shortcut, slope, to: target)
            weigh(part, shortcut, input)
        }
        let groups = backward(
            block.reduce, places.reduce, rows(places.reducedSlope), to: target,
            adding: block.shortcut == nil ? .rows(slope) : .output, gate: before.map(gate))
        weigh(block.reduce, places.reduce, input)
        if let before { settle(before, groups: groups) }
    }

    private func back(
        _ part: Bottleneck.Part, _ places: TrainingLayout.Part, _ gradient: RecordRows, to output: RecordRows,
        gate: GradientGate, settling next: TrainingLayout.Part
    ) {
        let groups = backward(part, places, gradient, to: output, gate: gate)
        settle(next, sums(0, width: output.matrix.columns), groups: groups)
    }

    private func backward(
        _ part: Bottleneck.Part, _ places: TrainingLayout.Part, _ gradient: RecordRows, to output: RecordRows,
        adding addition: BackwardConvolution.Addition = .nothing, gate: GradientGate? = nil
    ) -> Int {
        BackwardConvolution(
            gradient, normalised(places), filters: packed(part, .backward), stride: part.layer.stride,
            padding: part.layer.padding, to: output, adding: addition, gate: gate, scratch: scratch
        ).run(on: pool)
    }

    /// The gradient of a convolution's weights, from that of its output.
    private func weigh(_ part: Bottleneck.Part, _ places: TrainingLayout.Part, _ input: RecordRows) {
        let (layer, gradient) = (part.layer, arena.matrix(places.gradients[0]))
        let target =
            layer.taps == 1
            ? gradient
            : arena.matrix(layout.tapByTap).reshaped(rows: layer.outputs, columns: layer.taps * layer.inputs)
        WeightGradient(
            rows(places.convolved), input: input, taps: layer.taps, stride: layer.stride, to: target,
            scratch: scratch, threads: pool.threads
        ).run(on: pool)
        if layer.taps > 1 { gradient.setChannelByChannel(target, taps: layer.taps, pool: pool) }
    }

    /// The gradients of a normalisation's weight and bias, from the sums of the gradient behind it.
    private func settle(_ places: TrainingLayout.Part, _ sums: ColumnSums, groups: Int) {
        let output = normalised(places)
        output.statistics.setGradients(
            from: sums, groups: groups, rows: output.rows.rows, weight: arena.matrix(places.gradients[1]),
            bias: arena.matrix(places.gradients[2]))
    }

    private func settle(_ block: TrainingLayout.Block, groups: Int) {
        let width = block.output.columns
        settle(block.expand, sums(0, width: width), groups: groups)
        if let shortcut = block.shortcut { settle(shortcut, sums(1, width: width), groups: groups) }
    }
}

package import Tensor

/// The loss of a batch and its gradients in float32 on the kernels: what ``ResNet/gradients(_:labels:positiveWeight:pool:)``
/// computes layer by layer, with everything in one arena.
///
/// Each convolution makes its own input from what the one before has given (normalisation, rectifier, and the sum at the end
/// of a block) and adds up the statistics of its output, all while a few records are in the cache; the way back does the
/// same. A batch of a size that there has been before allocates neither activations nor gradients.
package final class ResNetStep {
    package let config: ResNetConfig
    /// Samples of a record.
    package let positions: Int
    private let blocks: [Bottleneck]
    private var layouts: [Int: TrainingLayout] = [:]
    private var arena: Arena?
    private var gradientPlaces: [String: Place] = [:]

    package init(_ config: ResNetConfig, positions: Int) {
        precondition(positions >= 2)
        self.config = config
        self.positions = positions
        blocks = config.bottlenecks
    }

    /// Floats of the memory that all steps so far have needed.
    package var arenaCount: Int { arena?.count ?? 0 }

    /// Loss of the records that are chosen, `[leads, positions]` each, as a segment lies; then the gradients of all
    /// parameters are in ``gradient(_:)``, and the running statistics have followed the batch.
    package func run(
        _ network: inout ResNet<Float>, records: [[Float]], labels: [Bool], chosen: ArraySlice<Int>,
        positiveWeight: Double = 1, pool: WorkerPool
    ) -> Double {
        precondition(network.config == config && !chosen.isEmpty)
        let layout = layout(records: chosen.count)
        var pass = ResNetPass(layout, in: grown(layout, threads: pool.threads), config, network, pool: pool)
        for (index, record) in chosen.enumerated() { pass.take(records[record], as: index) }
        pass.forward(blocks)
        let loss = pass.classify(labels: chosen.map { labels[$0] }, positiveWeight: positiveWeight)
        pass.backward(blocks)
        network.buffers = pass.buffers
        note(layout)
        return loss
    }

    /// The parameters that have a gradient.
    package var names: some Sequence<String> { gradientPlaces.keys }

    /// The gradient of a parameter in the last batch, as many values as it has; nil if the network has none of that name.
    package func gradient(_ name: String) -> Matrix? {
        guard let arena, let place = gradientPlaces[name] else { return nil }
        return arena.matrix(place)
    }

    private func layout(records: Int) -> TrainingLayout {
        if let known = layouts[records] { return known }
        let layout = TrainingLayout(config, records: records, positions: positions)
        layouts[records] = layout
        return layout
    }

    private func grown(_ layout: TrainingLayout, threads: Int) -> Arena {
        let count = layout.scratch.arenaCount(threads: threads)
        if let arena, arena.count >= count { return arena }
        arena = nil
        let larger = Arena(count: count)
        arena = larger
        return larger
    }

    private func note(_ layout: TrainingLayout) {
        func note(_ part: Bottleneck.Part, _ places: TrainingLayout.Part) {
            gradientPlaces[part.weight] = places.gradients[0]
            gradientPlaces[part.scale] = places.gradients[1]
            gradientPlaces[part.shift] = places.gradients[2]
        }
        note(config.stemPart, layout.stem)
        for (block, places) in zip(blocks, layout.blocks) {
            note(block.reduce, places.reduce)
            note(block.middle, places.middle)
            note(block.expand, places.expand)
            if let part = block.shortcut, let places = places.shortcut { note(part, places) }
        }
        gradientPlaces["fc.weight"] = layout.classifier[0]
        gradientPlaces["fc.bias"] = layout.classifier[1]
    }
}

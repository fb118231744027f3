package import Tensor

/// A ResNet in the course of its training: all that the next update depends on, beside the records.
package struct ResNetTraining: Sendable {
    package private(set) var network: ResNet<Float>
    package private(set) var optimiser: Adam<Float>
    /// Mean loss of the records of each epoch so far, as they were when they were seen.
    package private(set) var losses: [Double]

    /// At the beginning, or where an earlier run has stopped.
    package init(network: ResNet<Float>, optimiser: Adam<Float>, losses: [Double] = []) {
        self.network = network
        self.optimiser = optimiser
        self.losses = losses
    }

    /// One pass over the records in that order, an update for each batch; a batch of one record joins the one before,
    /// since it has no statistics of its own.
    ///
    /// `records` are `[leads, positions]` each, as a segment lies. `progress` hears how many records are done.
    package mutating func epoch(
        _ records: [[Float]], labels: [Bool], order: [Int], batch: Int, positiveWeight: Double = 1,
        pool: WorkerPool, progress: (_ done: Int) -> Void = { _ in }
    ) {
        precondition(records.count == labels.count && order.count >= 2 && batch >= 2)
        var (start, sum) = (0, 0.0)
        while start < order.count {
            var end = min(start + batch, order.count)
            if order.count - end == 1 { end = order.count }
            let chosen = order[start..<end]
            let (loss, gradients) = network.gradients(
                Activations(segments: chosen.map { records[$0] }, leads: network.config.leads),
                labels: chosen.map { labels[$0] }, positiveWeight: positiveWeight, pool: pool)
            optimiser.update(&network.parameters, gradients: gradients)
            sum += loss * Double(chosen.count)
            start = end
            progress(start)
        }
        losses.append(sum / Double(order.count))
    }
}

extension Activations where Scalar == Float {
    /// From `[leads, positions]` each, all of one length.
    package init(segments: [[Float]], leads: Int) {
        precondition(!segments.isEmpty && segments.allSatisfy { $0.count == segments[0].count })
        let positions = segments[0].count / leads
        self.init(
            records: segments.count, positions: positions, channels: leads,
            values: segments.flatMap { transposed($0, rows: leads, columns: positions) })
    }
}

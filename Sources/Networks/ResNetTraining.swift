package import Tensor

/// A ResNet in the course of its training: all that the next update depends on, beside the records.
package struct ResNetTraining: Sendable {
    package private(set) var network: ResNet<Float>
    package private(set) var optimiser: Adam<Float>
    /// Mean loss of the records of each epoch so far, as they were when they were seen.
    package private(set) var losses: [Double]
    /// What the validation part has said so far; nil where there is none.
    package private(set) var validation: Validation?

    /// The best epoch on records that are not learnt from.
    package struct Validation: Sendable {
        /// Mean loss of those records after each epoch.
        package let losses: [Double]
        /// The network after the epoch of the least loss, the first of equal ones.
        package let best: ResNet<Float>

        package init(losses: [Double], best: ResNet<Float>) {
            self.losses = losses
            self.best = best
        }

        /// From 1.
        package var bestEpoch: Int {
            1 + (losses.indices.min { (losses[$0], $0) < (losses[$1], $1) } ?? 0)
        }
    }

    /// At the beginning, or where an earlier run has stopped.
    package init(
        network: ResNet<Float>, optimiser: Adam<Float>, losses: [Double] = [], validation: Validation? = nil
    ) {
        self.network = network
        self.optimiser = optimiser
        self.losses = losses
        self.validation = validation
    }

    /// The network that the training results in: after the best epoch where there is a validation part, else after the
    /// last.
    package var result: ResNet<Float> { validation?.best ?? network }

    /// One pass over the records in that order, an update for each batch; a batch of one record joins the one before,
    /// since it has no statistics of its own.
    ///
    /// `records` are `[leads, positions]` each, as a segment lies. `step` is the memory, which epochs may share.
    /// `progress` hears how many records are done.
    package mutating func epoch(
        _ records: [[Float]], labels: [Bool], order: [Int], batch: Int, positiveWeight: Double = 1,
        step: ResNetStep? = nil, pool: WorkerPool, progress: (_ done: Int) -> Void = { _ in }
    ) {
        precondition(records.count == labels.count && order.count >= 2 && batch >= 2)
        let config = network.config
        let step = step ?? ResNetStep(config, positions: records[order[0]].count / config.leads)
        var (start, sum) = (0, 0.0)
        while start < order.count {
            var end = min(start + batch, order.count)
            if order.count - end == 1 { end = order.count }
            let loss = step.run(
                &network, records: records, labels: labels, chosen: order[start..<end],
                positiveWeight: positiveWeight, pool: pool)
            optimiser.update(&network, by: step, pool: pool)
            sum += loss * Double(end - start)
            start = end
            progress(start)
        }
        losses.append(sum / Double(order.count))
    }

    /// Notes the loss of the network as it is on records that it does not learn from, and keeps the network if it is the
    /// best so far. To be called after each epoch or never.
    ///
    /// Throws: ``WeightError`` when the training has diverged.
    package mutating func validate(
        _ records: [[Float]], labels: [Bool], positiveWeight: Double = 1, pool: WorkerPool
    ) throws(WeightError) {
        precondition(!records.isEmpty && losses.count == (validation?.losses.count ?? 0) + 1)
        let logits = try network.logits(ofSegments: records, pool: pool)
        let loss = BinaryCrossEntropy.evaluate(
            logits: logits, labels: labels, positiveWeight: positiveWeight
        ).loss
        let isBest = validation.map { $0.losses.allSatisfy { loss < $0 } } ?? true
        validation = Validation(
            losses: (validation?.losses ?? []) + [loss], best: isBest ? network : validation?.best ?? network)
    }
}

extension ResNet where Scalar == Float {
    /// Logits of `[leads, positions]` each, with the running statistics, by the fast inference.
    ///
    /// Throws: ``WeightError`` when a weight is not finite.
    package func logits(ofSegments segments: [[Float]], pool: WorkerPool) throws(WeightError) -> [Float] {
        guard let first = segments.first else { return [] }
        let folded = try FoldedResNet(config, positions: first.count / config.leads, from: self)
        return segments.map { folded.logit($0, pool: pool) }
    }
}

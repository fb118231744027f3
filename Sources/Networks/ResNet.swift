package import Tensor

/// A ResNet with its weights: inference, and the gradients of a batch.
package struct ResNet<Scalar: NetworkScalar>: Sendable {
    package let config: ResNetConfig
    /// Learnt tensors by torchvision's names.
    package var parameters: [String: [Scalar]] = [:]
    /// Running statistics by torchvision's names.
    package var buffers: [String: [Scalar]] = [:]

    /// Takes every tensor from the source, by torchvision's names and shapes.
    ///
    /// Throws: ``WeightError`` when one is absent, has another shape or a value that is not finite.
    package init(_ config: ResNetConfig, from source: some WeightSource) throws(WeightError) {
        self.config = config
        for (name, shape) in config.parameters {
            parameters[name] = try source.floats(name, shape: shape).map { Scalar($0) }
        }
        for (name, shape) in config.buffers {
            buffers[name] = try source.floats(name, shape: shape).map { Scalar($0) }
        }
    }

    /// Without any tensor yet.
    init(config: ResNetConfig) { self.config = config }

    /// Logits `[records]` of `[records, positions, leads]`, with the running statistics.
    package func logits(_ input: Activations<Scalar>, pool: WorkerPool) -> [Scalar] {
        var signal = inferred(config.stemPart, input, pool: pool)
        signal = ResNetConfig.stemPool.forward(Rectifier.forward(signal, pool: pool)).output
        for block in config.bottlenecks {
            var branch = Rectifier.forward(inferred(block.reduce, signal, pool: pool), pool: pool)
            branch = Rectifier.forward(inferred(block.middle, branch, pool: pool), pool: pool)
            branch = inferred(block.expand, branch, pool: pool)
            let around = block.shortcut.map { inferred($0, signal, pool: pool) } ?? signal
            signal = Rectifier.forward(branch.adding(around, pool: pool), pool: pool)
        }
        return classified(GlobalAveragePool.forward(signal), pool: pool)
    }

    /// Loss of a batch and the gradients of all parameters; the running statistics follow the batch.
    ///
    /// The batch is normalised as a whole, so that the result does not depend on how many threads share the products.
    package mutating func gradients(
        _ input: Activations<Scalar>, labels: [Bool], positiveWeight: Double = 1, pool: WorkerPool
    ) -> (loss: Double, gradients: [String: [Scalar]]) {
        precondition(input.channels == config.leads && input.records == labels.count)
        var tape = ResNetTape<Scalar>(pool: pool)
        let features = forward(input, tape: &tape)
        let pooled = GlobalAveragePool.forward(features)
        let (loss, slope) = BinaryCrossEntropy.evaluate(
            logits: classified(pooled, pool: pool), labels: labels, positiveWeight: positiveWeight)
        tape.gradients["fc.weight"] = Scalar.product(
            slope, rows: 1, byColumns: pooled.values, outputs: config.features, inner: slope.count, pool: pool
        )
        tape.gradients["fc.bias"] = [slope.reduce(0, +)]
        let back = Scalar.product(
            slope, rows: slope.count, byColumns: parameters["fc.weight"] ?? [], outputs: config.features,
            inner: 1, pool: pool)
        backward(
            GlobalAveragePool.backward(pooled.with(back), positions: features.positions), tape: &tape)
        return (loss, tape.gradients)
    }

    /// A convolution and its normalisation with the running statistics.
    private func inferred(
        _ part: Bottleneck.Part, _ input: Activations<Scalar>, pool: WorkerPool
    ) -> Activations<Scalar> {
        let output = part.layer.forward(input, weights: parameter(part.name + ".weight"), pool: pool)
        return BatchNormalisation.infer(
            output, weight: parameter(part.normalisation + ".weight"),
            bias: parameter(part.normalisation + ".bias"),
            runningMean: buffers[part.normalisation + ".running_mean"] ?? [],
            runningVariance: buffers[part.normalisation + ".running_var"] ?? [], pool: pool)
    }

    private func classified(_ pooled: Activations<Scalar>, pool: WorkerPool) -> [Scalar] {
        let bias = parameter("fc.bias")[0]
        return Scalar.product(
            pooled.values, rows: pooled.records, byRows: parameter("fc.weight"), outputs: 1,
            inner: config.features, pool: pool
        ).map { $0 + bias }
    }

    func parameter(_ name: String) -> [Scalar] {
        guard let values = parameters[name] else { preconditionFailure("the network has no \(name)") }
        return values
    }
}

extension ResNetConfig {
    /// The first convolution and its normalisation.
    var stemPart: Bottleneck.Part {
        Bottleneck.Part(name: "conv1", normalisation: "bn1", layer: stem)
    }
}

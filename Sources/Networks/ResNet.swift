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
    package func logits(_ input: Activations<Scalar>) -> [Scalar] {
        var signal = inferred(config.stemPart, input)
        signal = ResNetConfig.stemPool.forward(Rectifier.forward(signal)).output
        for block in config.bottlenecks {
            var branch = Rectifier.forward(inferred(block.reduce, signal))
            branch = Rectifier.forward(inferred(block.middle, branch))
            branch = inferred(block.expand, branch)
            let around = block.shortcut.map { inferred($0, signal) } ?? signal
            signal = Rectifier.forward(branch.adding(around))
        }
        return classified(GlobalAveragePool.forward(signal))
    }

    /// Loss of a batch and the gradients of all parameters; the running statistics follow the batch.
    ///
    /// The batch is normalised as a whole, so that the result does not depend on how many threads share the products.
    package mutating func gradients(
        _ input: Activations<Scalar>, labels: [Bool], positiveWeight: Double = 1
    ) -> (loss: Double, gradients: [String: [Scalar]]) {
        precondition(input.channels == config.leads && input.records == labels.count)
        var tape = ResNetTape<Scalar>()
        let features = forward(input, tape: &tape)
        let pooled = GlobalAveragePool.forward(features)
        let (loss, slope) = BinaryCrossEntropy.evaluate(
            logits: classified(pooled), labels: labels, positiveWeight: positiveWeight)
        tape.gradients["fc.weight"] = Scalar.product(
            slope, rows: 1, byColumns: pooled.values, outputs: config.features, inner: slope.count
        )
        tape.gradients["fc.bias"] = [slope.reduce(0, +)]
        let back = Scalar.product(
            slope, rows: slope.count, byColumns: parameters["fc.weight"] ?? [], outputs: config.features,
            inner: 1)
        backward(
            GlobalAveragePool.backward(pooled.with(back), positions: features.positions), tape: &tape)
        return (loss, tape.gradients)
    }

    /// A convolution and its normalisation with the running statistics.
    private func inferred(
        _ part: Bottleneck.Part, _ input: Activations<Scalar>
    ) -> Activations<Scalar> {
        let output = part.layer.forward(input, weights: parameter(part.name + ".weight"))
        return BatchNormalisation.infer(
            output, weight: parameter(part.normalisation + ".weight"),
            bias: parameter(part.normalisation + ".bias"),
            runningMean: buffers[part.normalisation + ".running_mean"] ?? [],
            runningVariance: buffers[part.normalisation + ".running_var"] ?? [])
    }

    private func classified(_ pooled: Activations<Scalar>) -> [Scalar] {
        let bias = parameter("fc.bias")[0]
        return Scalar.product(
            pooled.values, rows: pooled.records, byRows: parameter("fc.weight"), outputs: 1,
            inner: config.features
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

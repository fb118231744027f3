/// Batch normalisation (Ioffe and Szegedy, ICML 2015) over records and positions, channel by channel.
package struct BatchNormalisation<Scalar: NetworkScalar>: Sendable {
    /// What the backward pass needs of the forward pass.
    package struct Statistics: Sendable {
        package let mean: [Scalar]
        /// 1 / sqrt(biased variance + epsilon).
        package let inverseDeviation: [Scalar]
    }

    /// Added to the variance; PyTorch's default.
    package static var epsilon: Scalar { 1e-5 }
    /// Share of the new statistics in the running ones; PyTorch's default.
    package static var momentum: Scalar { 0.1 }

    /// With the batch's own statistics, which the running mean and (unbiased) variance follow.
    package static func train(
        _ input: Activations<Scalar>, weight: [Scalar], bias: [Scalar], runningMean: inout [Scalar],
        runningVariance: inout [Scalar]
    ) -> (output: Activations<Scalar>, statistics: Statistics) {
        precondition(input.rows > 1 && weight.count == input.channels && bias.count == input.channels)
        let moments = Scalar.moments(input.values, width: input.channels)
        let (mean, variance) = (moments.means.map { Scalar($0) }, moments.variances.map { Scalar($0) })
        let unbiased = Scalar(input.rows) / Scalar(input.rows - 1)
        for channel in 0..<input.channels {
            runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
            runningVariance[channel] += momentum * (variance[channel] * unbiased - runningVariance[channel])
        }
        let statistics = Statistics(
            mean: mean, inverseDeviation: variance.map { 1 / ($0 + epsilon).squareRoot() })
        let norm = statistics.normalisation(weight: weight, bias: bias)
        return (input.with(Scalar.normalised(input.values, by: norm)), statistics)
    }

    /// With the running statistics.
    package static func infer(
        _ input: Activations<Scalar>, weight: [Scalar], bias: [Scalar], runningMean: [Scalar],
        runningVariance: [Scalar]
    ) -> Activations<Scalar> {
        let statistics = Statistics(
            mean: runningMean, inverseDeviation: runningVariance.map { 1 / ($0 + epsilon).squareRoot() })
        let norm = statistics.normalisation(weight: weight, bias: bias)
        return input.with(Scalar.normalised(input.values, by: norm))
    }

    /// Gradients of input, weight and bias, the statistics being functions of the input.
    package static func backward(
        _ gradient: consuming Activations<Scalar>, input: Activations<Scalar>, statistics: Statistics,
        weight: [Scalar]
    ) -> (input: Activations<Scalar>, weight: [Scalar], bias: [Scalar]) {
        var result = gradient
        let norm = statistics.normalisation(weight: weight, bias: weight)
        let (weightGradient, biasGradient) = Scalar.normaliseGradient(
            &result.values, input: input.values, by: norm)
        return (result, weightGradient, biasGradient)
    }
}

extension BatchNormalisation.Statistics {
    fileprivate func normalisation(weight: [Scalar], bias: [Scalar]) -> ColumnNormalisation<Scalar> {
        ColumnNormalisation(mean: mean, inverseDeviation: inverseDeviation, weight: weight, bias: bias)
    }
}

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
        let (mean, variance) = moments(input)
        let unbiased = Scalar(input.rows) / Scalar(input.rows - 1)
        for channel in 0..<input.channels {
            runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
            runningVariance[channel] += momentum * (variance[channel] * unbiased - runningVariance[channel])
        }
        let statistics = Statistics(
            mean: mean, inverseDeviation: variance.map { 1 / ($0 + epsilon).squareRoot() })
        return (normalised(input, statistics, weight: weight, bias: bias), statistics)
    }

    /// With the running statistics.
    package static func infer(
        _ input: Activations<Scalar>, weight: [Scalar], bias: [Scalar], runningMean: [Scalar],
        runningVariance: [Scalar]
    ) -> Activations<Scalar> {
        let statistics = Statistics(
            mean: runningMean, inverseDeviation: runningVariance.map { 1 / ($0 + epsilon).squareRoot() })
        return normalised(input, statistics, weight: weight, bias: bias)
    }

    /// Gradients of input, weight and bias, the statistics being functions of the input.
    package static func backward(
        _ gradient: Activations<Scalar>, input: Activations<Scalar>, statistics: Statistics, weight: [Scalar]
    ) -> (input: Activations<Scalar>, weight: [Scalar], bias: [Scalar]) {
        let channels = input.channels
        let (weightGradient, biasGradient) = sums(gradient, input: input, statistics: statistics)
        var result = gradient
        let share = 1 / Scalar(input.rows)
        for row in 0..<input.rows {
            for channel in 0..<channels {
                let index = row * channels + channel
                let deviation = statistics.inverseDeviation[channel]
                let standard = (input.values[index] - statistics.mean[channel]) * deviation
                let centred =
                    gradient.values[index] - biasGradient[channel] * share
                    - standard * weightGradient[channel] * share
                result.values[index] = weight[channel] * deviation * centred
            }
        }
        return (result, weightGradient, biasGradient)
    }

    /// Per channel the sums over rows of gradient times standardised input, and of the gradient, in float64.
    private static func sums(
        _ gradient: Activations<Scalar>, input: Activations<Scalar>, statistics: Statistics
    ) -> (weight: [Scalar], bias: [Scalar]) {
        let channels = input.channels
        var weight = [Double](repeating: 0, count: channels)
        var bias = weight
        for row in 0..<input.rows {
            for channel in 0..<channels {
                let index = row * channels + channel
                let standard =
                    (input.values[index] - statistics.mean[channel]) * statistics.inverseDeviation[channel]
                weight[channel] += Double(gradient.values[index] * standard)
                bias[channel] += Double(gradient.values[index])
            }
        }
        return (weight.map { Scalar($0) }, bias.map { Scalar($0) })
    }

    /// Mean and biased variance of every channel, two passes, summed in float64.
    private static func moments(_ input: Activations<Scalar>) -> (mean: [Scalar], variance: [Scalar]) {
        let channels = input.channels
        let share = 1 / Double(input.rows)
        var mean = [Double](repeating: 0, count: channels)
        for row in 0..<input.rows {
            for channel in 0..<channels { mean[channel] += Double(input.values[row * channels + channel]) }
        }
        for channel in 0..<channels { mean[channel] *= share }
        var variance = [Double](repeating: 0, count: channels)
        for row in 0..<input.rows {
            for channel in 0..<channels {
                let difference = Double(input.values[row * channels + channel]) - mean[channel]
                variance[channel] += difference * difference
            }
        }
        return (mean.map { Scalar($0) }, variance.map { Scalar($0 * share) })
    }

    private static func normalised(
        _ input: Activations<Scalar>, _ statistics: Statistics, weight: [Scalar], bias: [Scalar]
    ) -> Activations<Scalar> {
        var output = input
        for row in 0..<input.rows {
            for channel in 0..<input.channels {
                let index = row * input.channels + channel
                let standard =
                    (input.values[index] - statistics.mean[channel]) * statistics.inverseDeviation[channel]
                output.values[index] = standard * weight[channel] + bias[channel]
            }
        }
        return output
    }
}

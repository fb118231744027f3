/// What a forward pass leaves for the backward pass, and the gradients that this one leaves.
struct ResNetTape<Scalar: NetworkScalar> {
    /// A convolution with its normalisation: what went in, what the convolution gave, and its statistics.
    struct PartRecord {
        let input: Activations<Scalar>
        let convolved: Activations<Scalar>
        let statistics: BatchNormalisation<Scalar>.Statistics
    }

    /// By the convolution's name.
    var parts: [String: PartRecord] = [:]
    /// Outputs of rectifiers, in the order of the forward pass.
    var rectified: [Activations<Scalar>] = []
    var chosen: [Int] = []
    var gradients: [String: [Scalar]] = [:]
}

extension ResNet {
    /// From the signal to the last block's output.
    mutating func forward(
        _ input: Activations<Scalar>, tape: inout ResNetTape<Scalar>
    ) -> Activations<Scalar> {
        let stem = rectified(trained(config.stemPart, input, tape: &tape), tape: &tape)
        var signal: Activations<Scalar>
        (signal, tape.chosen) = ResNetConfig.stemPool.forward(stem)
        for block in config.bottlenecks {
            var branch = rectified(trained(block.reduce, signal, tape: &tape), tape: &tape)
            branch = rectified(trained(block.middle, branch, tape: &tape), tape: &tape)
            branch = trained(block.expand, branch, tape: &tape)
            let around =
                if let shortcut = block.shortcut { trained(shortcut, signal, tape: &tape) } else { signal }
            signal = rectified(branch.adding(around), tape: &tape)
        }
        return signal
    }

    /// From the gradient of the last block's output to those of all parameters before it.
    func backward(_ gradient: Activations<Scalar>, tape: inout ResNetTape<Scalar>) {
        var slope = gradient
        for block in config.bottlenecks.reversed() {
            slope = unrectified(slope, tape: &tape)
            var branch = traced(block.expand, slope, tape: &tape)
            branch = traced(block.middle, unrectified(branch, tape: &tape), tape: &tape)
            branch = traced(block.reduce, unrectified(branch, tape: &tape), tape: &tape)
            let around =
                if let shortcut = block.shortcut { traced(shortcut, slope, tape: &tape) } else { slope }
            slope = branch.adding(around)
        }
        // Only the stem's rectifier is left.
        slope = ResNetConfig.stemPool.backward(
            slope, chosen: tape.chosen, positions: tape.rectified[0].positions)
        _ = traced(config.stemPart, unrectified(slope, tape: &tape), needsInput: false, tape: &tape)
    }

    private func rectified(
        _ input: consuming Activations<Scalar>, tape: inout ResNetTape<Scalar>
    ) -> Activations<Scalar> {
        let output = Rectifier.forward(input)
        tape.rectified.append(output)
        return output
    }

    /// The last rectifier that has not yet been passed on the way back.
    private func unrectified(
        _ gradient: consuming Activations<Scalar>, tape: inout ResNetTape<Scalar>
    ) -> Activations<Scalar> {
        Rectifier.backward(gradient, output: tape.rectified.removeLast())
    }

    private mutating func trained(
        _ part: Bottleneck.Part, _ input: Activations<Scalar>, tape: inout ResNetTape<Scalar>
    ) -> Activations<Scalar> {
        let convolved = part.layer.forward(
            input, weights: parameter(part.name + ".weight"))
        let (meanName, varianceName) = (
            part.normalisation + ".running_mean", part.normalisation + ".running_var"
        )
        var (mean, variance) = (buffers[meanName] ?? [], buffers[varianceName] ?? [])
        let (output, statistics) = BatchNormalisation.train(
            convolved, weight: parameter(part.normalisation + ".weight"),
            bias: parameter(part.normalisation + ".bias"), runningMean: &mean, runningVariance: &variance)
        (buffers[meanName], buffers[varianceName]) = (mean, variance)
        tape.parts[part.name] = .init(input: input, convolved: convolved, statistics: statistics)
        return output
    }

    /// The gradient of the input of a convolution with its normalisation; those of its parameters go to the tape.
    private func traced(
        _ part: Bottleneck.Part, _ gradient: consuming Activations<Scalar>, needsInput: Bool = true,
        tape: inout ResNetTape<Scalar>
    ) -> Activations<Scalar> {
        guard let record = tape.parts.removeValue(forKey: part.name) else {
            preconditionFailure("the forward pass has not been through \(part.name)")
        }
        let normalised = BatchNormalisation.backward(
            gradient, input: record.convolved, statistics: record.statistics,
            weight: parameter(part.normalisation + ".weight"))
        let convolved = part.layer.backward(
            normalised.input, input: record.input, weights: parameter(part.name + ".weight"),
            needsInput: needsInput)
        tape.gradients[part.normalisation + ".weight"] = normalised.weight
        tape.gradients[part.normalisation + ".bias"] = normalised.bias
        tape.gradients[part.name + ".weight"] = convolved.weights
        return convolved.input ?? record.input
    }
}

import Glibc
package import Tensor

/// Adam (Kingma and Ba, ICLR 2015, algorithm 1) with PyTorch's defaults and its order of operations.
package struct Adam<Scalar: NetworkScalar>: Sendable {
    package let learningRate: Double
    package let firstDecay = 0.9
    package let secondDecay = 0.999
    package let epsilon = 1e-8
    /// Updates so far.
    package private(set) var steps: Int
    /// Means of gradients and of their squares that fade, by the parameter's name.
    package private(set) var firstMoments: [String: [Scalar]]
    package private(set) var secondMoments: [String: [Scalar]]

    /// As it is before the first update, or as it was when training stopped.
    package init(
        learningRate: Double, steps: Int = 0, firstMoments: [String: [Scalar]] = [:],
        secondMoments: [String: [Scalar]] = [:]
    ) {
        precondition(learningRate > 0 && steps >= 0)
        self.learningRate = learningRate
        self.steps = steps
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
    }

    /// One update of the parameters that have a gradient, in plain loops.
    package mutating func update(_ parameters: inout [String: [Scalar]], gradients: [String: [Scalar]]) {
        let step = begin()
        for (name, gradient) in gradients {
            let zeros = [Scalar](repeating: 0, count: gradient.count)
            Scalar.update(
                &parameters[name, default: zeros], gradient: gradient,
                first: &firstMoments[name, default: zeros], second: &secondMoments[name, default: zeros],
                by: step)
        }
    }

    private mutating func begin() -> AdamStep {
        steps += 1
        return AdamStep(
            firstDecay: firstDecay, secondDecay: secondDecay, epsilon: epsilon,
            rate: learningRate / (1 - pow(firstDecay, Double(steps))),
            correction: (1 - pow(secondDecay, Double(steps))).squareRoot())
    }
}

extension Adam<Float> {
    /// One update of all parameters of a network by the gradients of a step, on the kernels.
    package mutating func update(_ network: inout ResNet<Float>, by gradients: ResNetStep, pool: WorkerPool) {
        let step = begin()
        let update = AdamUpdate(
            firstDecay: step.firstDecay, secondDecay: step.secondDecay, rate: Float(step.rate),
            correction: Float(step.correction), epsilon: Float(step.epsilon))
        for name in gradients.names {
            guard let gradient = gradients.gradient(name) else { continue }
            if firstMoments[name] == nil {
                let zeros = [Float](repeating: 0, count: gradient.rows * gradient.columns)
                (firstMoments[name], secondMoments[name]) = (zeros, zeros)
            }
            update.apply(
                &network.parameters[name, default: []], gradient: gradient,
                first: &firstMoments[name, default: []], second: &secondMoments[name, default: []], pool: pool
            )
        }
    }
}

import Glibc

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

    /// One update of the parameters that have a gradient.
    package mutating func update(
        _ parameters: inout [String: [Scalar]], gradients: [String: [Scalar]]
    ) {
        steps += 1
        let rate = Scalar(learningRate / (1 - pow(firstDecay, Double(steps))))
        let correction = Scalar((1 - pow(secondDecay, Double(steps))).squareRoot())
        for (name, gradient) in gradients {
            let zeros = [Scalar](repeating: 0, count: gradient.count)
            update(
                &parameters[name, default: zeros], gradient, &firstMoments[name, default: zeros],
                &secondMoments[name, default: zeros], rate: rate, correction: correction)
        }
    }

    private func update(
        _ values: inout [Scalar], _ gradient: [Scalar], _ first: inout [Scalar], _ second: inout [Scalar],
        rate: Scalar, correction: Scalar
    ) {
        precondition(values.count == gradient.count && first.count == gradient.count)
        let (keep, take) = (Scalar(secondDecay), Scalar(1 - secondDecay))
        let follow = Scalar(1 - firstDecay)
        for index in values.indices {
            let slope = gradient[index]
            first[index] += follow * (slope - first[index])
            second[index] = second[index] * keep + take * slope * slope
            values[index] -= rate * first[index] / (second[index].squareRoot() / correction + Scalar(epsilon))
        }
    }
}

import Networks
import Tensor
import TestSupport
import Testing

/// The stored step: ResNet-50 of width 2 on three records of 128 positions.
private enum Step {
    static let config = ResNetConfig(leads: 12, width: 2, blocks: [3, 4, 6, 3])
    static let labels = [true, false, false]
    static let positiveWeight = 2.5
    /// `[records, positions, leads]`.
    static let signal = SeededWeights.uniform("signal", count: 3 * 128 * 12)
    /// `[leads, positions]` each.
    static let segments: [[Float]] = (0..<3).map { record in
        (0..<12 * 128).map { (index: Int) -> Float in
            let (lead, position) = index.quotientAndRemainder(dividingBy: 128)
            return signal[(record * 128 + position) * 12 + lead]
        }
    }
    static var input: Activations<Double> {
        Activations(records: 3, positions: 128, channels: 12, values: signal.map { Double($0) })
    }

    /// Values in the order of PyTorch's parameters.
    static func flat(_ values: (_ name: String) -> [Double]?) -> [Double] {
        config.parameters.flatMap { values($0.name) ?? [] }
    }
}

/// In float64, in plain loops.
private struct PlainStep {
    var network: ResNet<Double>
    let before: ResNet<Double>
    let loss: Double
    let gradients: [String: [Double]]

    init() throws {
        network = try ResNet(Step.config, from: SeededWeights())
        before = network
        (loss, gradients) = network.gradients(
            Step.input, labels: Step.labels, positiveWeight: Step.positiveWeight)
        var adam = Adam<Double>(learningRate: 0.001)
        adam.update(&network.parameters, gradients: gradients)
    }
}

/// In float32, on the kernels.
private struct FastStep {
    var network: ResNet<Float>
    let step: ResNetStep
    let loss: Double

    init(_ config: ResNetConfig = Step.config, threads: Int = 1) throws {
        let pool = WorkerPool(threads: threads)
        network = try ResNet(config, from: SeededWeights())
        step = ResNetStep(config, positions: 128)
        loss = step.run(
            &network, records: Step.segments, labels: Step.labels, chosen: [0, 1, 2],
            positiveWeight: Step.positiveWeight, pool: pool)
        var adam = Adam<Float>(learningRate: 0.001)
        adam.update(&network, by: step, pool: pool)
    }

    func gradient(_ name: String) -> [Double]? { step.gradient(name)?.values.map { Double($0) } }
}

@Suite struct ResNetTests {
    @Test func aStepInFloat64IsPyTorchs() throws {
        let step = try PlainStep()
        // Fifty layers of float64 roundings, which the normalisation of three records amplifies; PyTorch's float32
        // deviates by 9e-5 = 1,500 half units of its last place, and as many of float64 are 2e-13.
        #expect(abs(step.loss - (try fixture("step-loss").values[0])) < 1e-12)
        let gradients = try fixture("step-gradients").values
        let found = Step.flat { step.gradients[$0] }
        #expect(found.count == gradients.count)
        #expect(norm(zip(found, gradients).map { $0 - $1 }) < 1e-11 * norm(gradients))
        // No layer hides behind another's larger gradients: the classifier's and each normalisation's for itself.
        var place = 0
        for (name, shape) in Step.config.parameters {
            let expected = Array(gradients[place..<place + shape.reduce(1, *)])
            place += expected.count
            let difference = zip(step.gradients[name] ?? [], expected).map { $0 - $1 }
            #expect(norm(difference) < 1e-10 * norm(expected), "\(name)")
        }
        #expect(
            deviation(
                Step.config.buffers.flatMap { step.network.buffers[$0.name] ?? [] },
                try fixture("step-buffers").values) < 1e-12)
    }

    @Test func adamsFirstUpdateIsPyTorchs() throws {
        let step = try PlainStep()
        // An error d of the gradient g moves the update lr * g / (|g| + epsilon) by lr * epsilon * d / (|g| + epsilon)^2,
        // with |g| > 1e-5 in the fixture and d < 1e-11 * 1,829 below 2e-9 * lr.
        let updated = Step.flat { step.network.parameters[$0] }
        #expect(deviation(updated, try fixture("step-updated").values) < 2e-12)
        let logits = step.network.logits(Step.input)
        #expect(deviation(logits, try fixture("step-logits").values) < 1e-7)
    }

    @Test func aStepInFloat32IsAsExactAsPyTorchs() throws {
        let step = try FastStep()
        let deviations = try fixture("step-float32-deviation").values
        let gradients = try fixture("step-gradients").values
        let found = Step.flat { step.gradient($0) }
        #expect(found.count == gradients.count)
        // Other orders of sums give other roundings of the same size: four times PyTorch's own float32 error.
        #expect(abs(step.loss - (try fixture("step-loss").values[0])) < 4 * deviations[0])
        #expect(
            norm(zip(found, gradients).map { $0 - $1 }) < 4 * deviations[1] * norm(gradients))
        #expect(
            deviation(
                Step.config.buffers.flatMap { (step.network.buffers[$0.name] ?? []).map { Double($0) } },
                try fixture("step-buffers").values) < 4 * deviations[1])
    }

    /// 25 million gradients, each tensor by its norm and its projection on a seeded vector.
    @Test func aStepAtFullWidthIsAsExactAsPyTorchs() throws {
        let step = try FastStep(.resNet50, threads: 2)
        // Sums of up to 2,048 terms in 53 layers: by random walk 2^-24 * sqrt(2,048 * 53) = 2e-5; five times that.
        #expect(abs(step.loss - (try fixture("wide-loss").values[0])) < 1e-4)
        let expected = try fixture("wide-gradients").values
        for (row, parameter) in step.network.config.parameters.enumerated() {
            let gradient = try #require(step.gradient(parameter.name))
            let probe = SeededWeights.uniform("probe " + parameter.name, count: gradient.count)
                .map(Double.init)
            // Four times the error of PyTorch's own float32, which other orders of sums make as large.
            let tolerance = 4 * expected[3 * row + 2] + 1e-6
            let length = norm(gradient)
            #expect(abs(length / expected[3 * row] - 1) < tolerance, "\(parameter.name)")
            let projection = dot(gradient, probe) / (length * norm(probe))
            #expect(abs(projection - expected[3 * row + 1]) < tolerance, "\(parameter.name)")
        }
    }

    @Test func lossFallsAlongTheGradient() throws {
        let step = try PlainStep()
        let length = norm(Step.flat { step.gradients[$0] })
        let h = 1e-7
        let losses = [h, -h].map { distance in
            var other = step.before
            for (name, gradient) in step.gradients {
                other.parameters[name] = zip(other.parameters[name] ?? [], gradient).map {
                    $0 + distance * $1 / length
                }
            }
            return other.gradients(
                Step.input, labels: Step.labels, positiveWeight: Step.positiveWeight
            ).loss
        }
        // The slope along the unit gradient is its norm.
        #expect(abs((losses[0] - losses[1]) / (2 * h) / length - 1) < 1e-4)
    }

    @Test func resNet50HasTorchvisionsTensors() {
        let config = ResNetConfig.resNet50
        // 161 parameters and 106 running statistics (53 normalisations), as torchvision's resnet50 has.
        #expect(config.parameters.count == 161)
        #expect(config.buffers.count == 106)
        #expect(config.features == 2_048)
        #expect(config.parameters[0].shape == [64, 12, 7])
        #expect(
            config.parameters.contains {
                $0.name == "layer4.0.downsample.0.weight" && $0.shape == [2_048, 1_024, 1]
            })
    }

    @Test func weightsAreCompleteOrRefused() {
        struct Empty: WeightSource {
            var names: Set<String> { [] }
            func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
                throw .missing(name: name, expected: shape)
            }
        }
        #expect(throws: WeightError.missing(name: "conv1.weight", expected: [64, 12, 7])) {
            try ResNet<Float>(.resNet50, from: Empty())
        }
    }
}

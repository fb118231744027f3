import Networks
import Tensor
import TestSupport
import Testing

/// The stored step: ResNet-50 of width 2 on three records of 128 positions.
private struct Step<Scalar: NetworkScalar> {
    var network: ResNet<Scalar>
    let before: ResNet<Scalar>
    let input: Activations<Scalar>
    var loss = 0.0
    var gradients: [String: [Scalar]] = [:]

    init(threads: Int = 1) throws {
        network = try ResNet(
            ResNetConfig(leads: 12, width: 2, blocks: [3, 4, 6, 3]), from: SeededWeights())
        before = network
        input = Activations(
            records: 3, positions: 128, channels: 12,
            values: SeededWeights.uniform("signal", count: 3 * 128 * 12).map { Scalar($0) })
        (loss, gradients) = network.gradients(
            input, labels: [true, false, false], positiveWeight: 2.5, pool: WorkerPool(threads: threads))
        var adam = Adam<Scalar>(learningRate: 0.001)
        adam.update(&network.parameters, gradients: gradients)
    }

    /// In the order of PyTorch's parameters.
    func flat(_ tensors: [String: [Scalar]]) -> [Double] {
        network.config.parameters.flatMap { (tensors[$0.name] ?? []).map { Double($0) } }
    }
}

@Suite struct ResNetTests {
    @Test func aStepInFloat64IsPyTorchs() throws {
        let step = try Step<Double>()
        // Fifty layers of float64 roundings, which the normalisation of three records amplifies; PyTorch's float32
        // deviates by 9e-5 = 1,500 half units of its last place, and as many of float64 are 2e-13.
        #expect(abs(step.loss - (try fixture("step-loss").values[0])) < 1e-12)
        let gradients = try fixture("step-gradients").values
        let found = step.flat(step.gradients)
        #expect(found.count == gradients.count)
        #expect(norm(zip(found, gradients).map { $0 - $1 }) < 1e-11 * norm(gradients))
        #expect(
            deviation(
                step.network.config.buffers.flatMap { step.network.buffers[$0.name] ?? [] },
                try fixture("step-buffers").values) < 1e-12)
    }

    @Test func adamsFirstUpdateIsPyTorchs() throws {
        let step = try Step<Double>()
        // An error d of the gradient g moves the update lr * g / (|g| + epsilon) by lr * epsilon * d / (|g| + epsilon)^2,
        // with |g| > 1e-5 in the fixture and d < 1e-11 * 1,829 below 2e-9 * lr.
        #expect(deviation(step.flat(step.network.parameters), try fixture("step-updated").values) < 2e-12)
        let logits = step.network.logits(step.input, pool: .single)
        #expect(deviation(logits, try fixture("step-logits").values) < 1e-7)
    }

    @Test func aStepInFloat32IsAsExactAsPyTorchs() throws {
        let step = try Step<Float>()
        let deviations = try fixture("step-float32-deviation").values
        let gradients = try fixture("step-gradients").values
        let found = step.flat(step.gradients)
        // Other orders of sums give other roundings of the same size: four times PyTorch's own float32 error.
        #expect(abs(step.loss - (try fixture("step-loss").values[0])) < 4 * deviations[0])
        #expect(
            norm(zip(found, gradients).map { $0 - $1 }) < 4 * deviations[1] * norm(gradients))
    }

    /// 25 million gradients, each tensor by its norm and its projection on a seeded vector.
    @Test func aStepAtFullWidthIsAsExactAsPyTorchs() throws {
        var network = try ResNet<Float>(.resNet50, from: SeededWeights())
        let input = Activations(
            records: 3, positions: 128, channels: 12,
            values: SeededWeights.uniform("signal", count: 3 * 128 * 12))
        let (loss, gradients) = network.gradients(
            input, labels: [true, false, false], positiveWeight: 2.5, pool: WorkerPool(threads: 2))
        // Sums of up to 2,048 terms in 53 layers: by random walk 2^-24 * sqrt(2,048 * 53) = 2e-5; five times that.
        #expect(abs(loss - (try fixture("wide-loss").values[0])) < 1e-4)
        let expected = try fixture("wide-gradients").values
        for (row, parameter) in network.config.parameters.enumerated() {
            let gradient = (gradients[parameter.name] ?? []).map(Double.init)
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

    @Test func aStepHasEqualBitsOnAnyNumberOfThreads() throws {
        let one = try Step<Float>(threads: 1)
        let three = try Step<Float>(threads: 3)
        #expect(one.loss == three.loss)
        #expect(one.network.parameters == three.network.parameters)
        #expect(one.network.buffers == three.network.buffers)
    }

    @Test func lossFallsAlongTheGradient() throws {
        let step = try Step<Double>()
        let length = norm(step.flat(step.gradients))
        let h = 1e-7
        let losses = [h, -h].map { distance in
            var other = step.before
            for (name, gradient) in step.gradients {
                other.parameters[name] = zip(other.parameters[name] ?? [], gradient).map {
                    $0 + distance * $1 / length
                }
            }
            return other.gradients(
                step.input, labels: [true, false, false], positiveWeight: 2.5, pool: .single
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

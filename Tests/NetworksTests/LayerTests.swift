import Networks
import Tensor
import TestSupport
import Testing

typealias Signal = Activations<Double>

func fixture(_ name: String) throws -> NumpyArray {
    try NumpyArray(contentsOf: Repository.root + "/Tests/NetworksTests/Fixtures/" + name + ".npy")
}

/// Values in [-1, 1) in float64, a function of the name only.
func uniform(_ name: String, _ count: Int) -> [Double] {
    SeededWeights.uniform(name, count: count).map(Double.init)
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

func norm(_ values: [Double]) -> Double { dot(values, values).squareRoot() }

/// The largest difference relative to the largest value.
func deviation(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    let scale = expected.map(abs).max() ?? 1
    return (zip(found, expected).map { abs($0 - $1) }.max() ?? 0) / max(scale, 1)
}

/// Central differences of `f` in every variable. With h = 1e-5 and values about 1 the truncation is about h^2 and the
/// rounding about 2^-52 / h, both below 1e-9.
func differences(at point: [Double], _ f: ([Double]) -> Double) -> [Double] {
    let h = 1e-5
    return point.indices.map { index in
        var (up, down) = (point, point)
        up[index] += h
        down[index] -= h
        return (f(up) - f(down)) / (2 * h)
    }
}

/// Convolution, batch normalisation in training and max pool behind each other, as the stem has them.
struct Chain {
    let convolution: Convolution
    let positions: Int
    let pool = MaxPool(width: 3, stride: 2, padding: 1)
    var x: [Double]
    var w: [Double]
    var gamma: [Double]
    var beta: [Double]

    init(_ shape: [Int]) {
        convolution = Convolution(
            inputs: shape[0], outputs: shape[1], taps: shape[2], stride: shape[3], padding: shape[4])
        positions = shape[5]
        x = uniform("x", 2 * positions * shape[0])
        w = uniform("w", shape[0] * shape[1] * shape[2])
        gamma = uniform("gamma", shape[1]).map { 1 + $0 / 4 }
        beta = uniform("beta", shape[1])
    }

    var input: Signal {
        Signal(records: 2, positions: positions, channels: convolution.inputs, values: x)
    }

    struct Outcome {
        var output: [Double]
        var gradients: [[Double]]
        var running: [Double]
    }

    /// Outputs, and the gradients of their sum times seeded factors.
    func run() -> Outcome {
        var mean = [Double](repeating: 0, count: convolution.outputs)
        var variance = [Double](repeating: 1, count: convolution.outputs)
        let convolved = convolution.forward(input, weights: w)
        let (normalised, statistics) = BatchNormalisation.train(
            convolved, weight: gamma, bias: beta, runningMean: &mean, runningVariance: &variance)
        let (output, chosen) = pool.forward(normalised)
        var slope = output
        slope.values = uniform("factors", output.values.count)
        slope = pool.backward(slope, chosen: chosen, positions: convolved.positions)
        let back = BatchNormalisation.backward(
            slope, input: convolved, statistics: statistics, weight: gamma)
        let first = convolution.backward(back.input, input: input, weights: w)
        return Outcome(
            output: output.values,
            gradients: [first.input?.values ?? [], first.weights, back.weight, back.bias],
            running: mean + variance)
    }

    /// What the gradients are of.
    var objective: Double {
        let output = run().output
        return dot(output, uniform("factors", output.count))
    }
}

let chainShapes = [
    [3, 4, 7, 2, 3, 17], [5, 2, 1, 1, 0, 9], [4, 3, 1, 2, 0, 10], [2, 6, 3, 1, 1, 8], [3, 3, 3, 2, 1, 11],
]

@Suite struct LayerTests {
    @Test(arguments: chainShapes) func layersAgreeWithPyTorch(_ shape: [Int]) throws {
        let outcome = Chain(shape).run()
        let expected = try fixture("layer-" + shape.map(String.init).joined(separator: "-"))
        let found = outcome.output + outcome.gradients.flatMap { $0 } + outcome.running
        // Some hundred roundings of float64, amplified by what normalisation divides by.
        #expect(deviation(found, expected.values) < 1e-12)
    }

    @Test(arguments: chainShapes) func gradientsAreTheSlopesOfTheOutput(_ shape: [Int]) {
        let chain = Chain(shape)
        let gradients = chain.run().gradients
        let paths: [WritableKeyPath<Chain, [Double]>] = [\.x, \.w, \.gamma, \.beta]
        for (path, gradient) in zip(paths, gradients) {
            let slopes = differences(at: chain[keyPath: path]) { point in
                var other = chain
                other[keyPath: path] = point
                return other.objective
            }
            #expect(deviation(gradient, slopes) < 1e-7)
        }
    }

    @Test func averagePoolsGradientIsTheSlope() {
        let x = uniform("x", 2 * 5 * 3)
        let factors = uniform("factors", 6)
        let objective = { (x: [Double]) in
            dot(
                GlobalAveragePool.forward(Signal(records: 2, positions: 5, channels: 3, values: x)).values,
                factors)
        }
        let gradient = GlobalAveragePool.backward(
            Signal(records: 2, positions: 1, channels: 3, values: factors), positions: 5)
        #expect(deviation(gradient.values, differences(at: x, objective)) < 1e-9)
    }

    @Test(arguments: [1, 3.5]) func crossEntropysGradientIsTheSlope(_ weight: Double) {
        let logits = [0.3, -2, 5, -0.1, 0]
        let labels = [true, true, false, false, true]
        let gradient = BinaryCrossEntropy.evaluate(logits: logits, labels: labels, positiveWeight: weight)
            .gradient
        let slopes = differences(at: logits) {
            BinaryCrossEntropy.evaluate(logits: $0, labels: labels, positiveWeight: weight).loss
        }
        #expect(deviation(gradient, slopes) < 1e-9)
    }

    @Test func crossEntropyOfExtremeLogitsIsFinite() {
        let (loss, gradient) = BinaryCrossEntropy.evaluate(
            logits: [1e4, -1e4, 1e4, -1e4], labels: [true, true, false, false])
        #expect(loss == 5_000)
        #expect(gradient == [0, -0.25, 0.25, 0])
    }
}

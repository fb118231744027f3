import Networks
import Tensor
import Testing

/// Float32's kernels against the plain loops, over sizes that end within blocks of rows, panels and registers.
@Suite struct FloatLayerTests {
    private static let pool = WorkerPool(threads: 3)

    private func floats(_ name: String, _ count: Int) -> [Float] {
        SeededWeights.uniform(name, count: count)
    }

    /// Three records, so that rows are no multiple of anything.
    private static let shapes = [(1, 1), (7, 3), (171, 5), (342, 17), (1_025, 64), (70_001, 1)]

    @Test(arguments: shapes) func normalisationGivesTheLoopsValues(_ rows: Int, _ width: Int) {
        let count = 3 * rows * width
        let x = Activations(
            records: 3, positions: rows, channels: width, values: floats("x", count).map { 3 * $0 + 1 })
        let exact = Activations(
            records: 3, positions: rows, channels: width, values: x.values.map { Double($0) })
        let (weight, bias) = (floats("weight", width).map { $0 + 2 }, floats("bias", width))
        let slope = floats("slope", count)
        var (mean, variance) = (floats("mean", width), weight)
        var (exactMean, exactVariance) = (mean.map { Double($0) }, variance.map { Double($0) })
        let found = BatchNormalisation.train(
            x, weight: weight, bias: bias, runningMean: &mean, runningVariance: &variance, pool: Self.pool)
        let expected = BatchNormalisation.train(
            exact, weight: weight.map { Double($0) }, bias: bias.map { Double($0) },
            runningMean: &exactMean, runningVariance: &exactVariance)
        // Standardised values are a few units; each takes five roundings of 2^-24.
        #expect(deviation(found.output.values.map { Double($0) }, expected.output.values) < 2e-6)
        #expect(deviation((mean + variance).map { Double($0) }, exactMean + exactVariance) < 1e-6)
        var gradient = x
        gradient.values = slope
        var exactGradient = exact
        exactGradient.values = slope.map { Double($0) }
        let back = BatchNormalisation.backward(
            gradient, input: x, statistics: found.statistics, weight: weight, pool: Self.pool)
        let exactBack = BatchNormalisation.backward(
            exactGradient, input: exact, statistics: expected.statistics, weight: weight.map { Double($0) })
        #expect(deviation(back.input.values.map { Double($0) }, exactBack.input.values) < 2e-5)
        #expect(deviation(back.weight.map { Double($0) }, exactBack.weight) < 2e-5)
        #expect(deviation(back.bias.map { Double($0) }, exactBack.bias) < 1e-6)
        // Blocks of rows are added in one order, whoever has summed them.
        let alone = BatchNormalisation.backward(
            gradient, input: x, statistics: found.statistics, weight: weight, pool: .single)
        #expect(alone.input.values == back.input.values && alone.weight == back.weight)
    }

    @Test(arguments: [(1, 1), (63, 65), (64, 16), (129, 70)])
    func transposesAndFactorsAreExact(_ rows: Int, _ columns: Int) {
        let x = floats("x", rows * columns)
        let found = Float.transposed(x, rows: rows, columns: columns, pool: Self.pool)
        let expected = Double.transposed(
            x.map { Double($0) }, rows: rows, columns: columns, pool: .single)
        #expect(found.map { Double($0) } == expected)
        // A product with the identity copies its other factor.
        let identity = (0..<rows * rows).map { $0 / rows == $0 % rows ? Float(1) : 0 }
        let copy = Float.product(
            identity, rows: rows, byColumns: x, outputs: columns, inner: rows, pool: Self.pool)
        #expect(copy == x)
    }

    @Test(arguments: [(1, 1, 0, 5), (3, 1, 1, 9), (7, 2, 3, 40), (3, 2, 1, 8)])
    func stretchesAreTheLoops(_ taps: Int, _ stride: Int, _ padding: Int, _ positions: Int) {
        let layer = Convolution(inputs: 5, outputs: 2, taps: taps, stride: stride, padding: padding)
        let x = Activations(
            records: 4, positions: positions, channels: 5, values: floats("x", 4 * positions * 5))
        let exact = Activations(
            records: 4, positions: positions, channels: 5, values: x.values.map { Double($0) })
        let found = Float.stretches(x, layer, pool: Self.pool)
        #expect(
            found.map { Double($0) } == Double.stretches(exact, layer, pool: .single))
        let back = Float.gathered(found, like: x, layer, pool: Self.pool)
        let exactBack = Double.gathered(found.map { Double($0) }, like: exact, layer, pool: .single)
        #expect(deviation(back.map { Double($0) }, exactBack) < 1e-6)
    }

    @Test func adamsUpdatesAreTheLoops() {
        let count = 40_003
        let gradients = (0..<3).map { floats("gradient \($0)", count) }
        var (fast, plain) = (Adam<Float>(learningRate: 0.01), Adam<Double>(learningRate: 0.01))
        var values = ["x": floats("x", count)]
        var exact = ["x": floats("x", count).map { Double($0) }]
        for gradient in gradients {
            fast.update(&values, gradients: ["x": gradient], pool: Self.pool)
            plain.update(&exact, gradients: ["x": gradient.map { Double($0) }])
        }
        #expect(deviation((values["x"] ?? []).map { Double($0) }, exact["x"] ?? []) < 1e-6)
        #expect(values["x"] != floats("x", count))
    }
}

import CKernels
import Tensor
import Testing

/// Rows, outputs, inputs: around the tile (6 and 12 x 16 and 32), the block (384), the group of columns (128) and the
/// sweep (384 rows).
private let shapes = [
    [1, 1, 1], [1, 16, 3], [2, 31, 5], [5, 7, 11], [6, 32, 16], [7, 33, 75], [13, 33, 257], [25, 49, 513],
    [397, 17, 19], [11, 145, 385], [12, 16, 384], [36, 64, 768], [14, 33, 1_155],
]

/// A product by the layer under test and what it rests on.
private struct IntegerProduct {
    let m: Int
    let n: Int
    let k: Int
    var a: [Float]
    let weights: [Float]
    let bias: [Float]
    let residual: [Float]

    init(_ shape: [Int]) {
        (m, n, k) = (shape[0], shape[1], shape[2])
        a = noise(m * k, seed: 1)
        weights = noise(n * k, seed: 2)
        bias = noise(n, seed: 3)
        residual = noise(m * n, seed: 4)
    }

    func output(gelu: Bool = false, threads: Int = 1) -> [Float] {
        let matrix = Matrix(rows: n, columns: k)
        matrix.copy(weights)
        let layer = IntegerLinear(weights: matrix, bias: bias)
        let input = Matrix(rows: m, columns: k)
        input.copy(a)
        let others = Matrix(rows: m, columns: n)
        others.copy(residual)
        let output = Matrix(rows: m, columns: n)
        let scratch = WorkerScratch(threads: threads, integerProducts: [(rows: m, outputs: n, inputs: k)])
        layer.apply(
            input, to: output, gelu: gelu, residual: others, scratch: scratch,
            pool: WorkerPool(threads: threads))
        return output.values
    }

    /// The exact sum, bias and residual in float64, and the most that rounding to integers can add.
    func exact(_ i: Int, _ j: Int) -> (value: Double, bound: Double) {
        var value = Double(bias[j]) + Double(residual[i * n + j])
        var bound = 0.0
        for first in stride(from: 0, to: k, by: 384) {
            let range = first..<min(first + 384, k)
            let left = range.map { Double(a[i * k + $0]) }
            let right = range.map { Double(weights[j * k + $0]) }
            value += zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
            let (x, y) = (Block(left), Block(right))
            bound += x.error * y.norm + x.norm * y.error + x.error * y.error
        }
        // Two roundings of a block's sum, one of each addition.
        return (value, bound * 1.001 + 1e-6 * (abs(value) + 2))
    }

    /// Euclidean norms of a block and of what rounding changes in it: half a step a value. By Cauchy and Schwarz they
    /// bound what it changes in a product.
    private struct Block {
        let norm: Double
        let error: Double

        init(_ values: [Double]) {
            norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let largest = values.map(abs).max() ?? 0
            error = max(norm / 46_320, largest / 32_767) / 2 * Double(values.count).squareRoot()
        }
    }
}

@Suite struct IntegerProductTests {
    @Test(arguments: shapes) func isWithinWhatRoundingExplains(shape: [Int]) {
        let product = IntegerProduct(shape)
        let found = product.output()
        for i in 0..<product.m {
            for j in 0..<product.n {
                let (value, bound) = product.exact(i, j)
                #expect(abs(Double(found[i * product.n + j]) - value) <= bound, "[\(i), \(j)] of \(shape)")
            }
        }
    }

    @Test(arguments: shapes) func variantsAndThreadsGiveTheSameBits(shape: [Int]) throws {
        let product = IntegerProduct(shape)
        let expected = product.output(gelu: true)
        for threads in 2...3 {
            #expect(firstDifference(product.output(gelu: true, threads: threads), expected) == nil)
        }
        for variant in Kernels.available {
            let found = try #require(Kernels.with(variant: variant) { product.output(gelu: true) })
            #expect(firstDifference(found, expected) == nil, "\(variant)")
        }
    }

    /// Equal vectors reach the bound of Cauchy and Schwarz, and so the largest sum of all.
    @Test(arguments: [1, 2, 3, 16, 383, 384, 768]) func theLargestSumsDoNotOverflow(k: Int) {
        for (left, right) in [(Float(1), Float(1)), (-1, 1), (3e30, 1e-10), (1e-20, 1e25)] {
            var product = IntegerProduct([2, 2, k])
            product.a = [Float](repeating: left, count: 2 * k)
            let matrix = Matrix(rows: 2, columns: k)
            matrix.copy([Float](repeating: right, count: 2 * k))
            let input = Matrix(rows: 2, columns: k)
            input.copy(product.a)
            let output = Matrix(rows: 2, columns: 2)
            IntegerLinear(weights: matrix, bias: [0, 0]).apply(
                input, to: output,
                scratch: WorkerScratch(threads: 1, integerProducts: [(rows: 2, outputs: 2, inputs: k)]),
                pool: .single)
            let expected = Double(left) * Double(right) * Double(k)
            // Half a step of either factor, which is what its norm leaves a value of a whole block.
            let bound = 1.01 / min(32_767, 46_320 / Double(min(k, 384)).squareRoot())
            for value in output.values {
                #expect(abs(Double(value) - expected) <= bound * abs(expected), "\(left) \(right)")
            }
        }
    }

    /// A column thirty times larger than the others takes few bits from them: far fewer than its factor.
    @Test func aLargeColumnCostsLittle() {
        var product = IntegerProduct([24, 48, 768])
        func error(_ product: IntegerProduct) -> Double {
            let found = product.output()
            var squares = 0.0
            for i in 0..<product.m {
                for j in 0..<product.n {
                    let difference = Double(found[i * product.n + j]) - product.exact(i, j).value
                    squares += difference * difference
                }
            }
            return squares.squareRoot()
        }
        let plain = error(product)
        for row in 0..<product.m { product.a[row * product.k + 100] *= 30 }
        #expect(error(product) < 5 * plain)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func whatIsNotFiniteStaysSo(value: Float) {
        var product = IntegerProduct([14, 33, 400])
        let expected = product.output()
        product.a[5 * 400 + 390] = value
        let found = product.output()
        for row in 0..<14 {
            let range = row * 33..<(row + 1) * 33
            if row == 5 {
                #expect(found[range].allSatisfy { $0.isNaN })
            } else {
                #expect(firstDifference(Array(found[range]), Array(expected[range])) == nil)
            }
        }
    }

    @Test func stackedLayersEqualSeparateOnes() throws {
        for each in [10, 16] {
            let source = SeededWeights()
            let names = ["q_proj", "k_proj", "v_proj"]
            let stacked = try IntegerLinear(stacking: names, inputs: 21, outputsEach: each, from: source)
            let input = Matrix(rows: 9, columns: 21)
            input.copy(noise(189, seed: 20))
            let scratch = WorkerScratch(
                threads: 1, integerProducts: [(rows: 9, outputs: 3 * each, inputs: 21)])
            let output = Matrix(rows: 9, columns: 3 * each)
            stacked.apply(input, to: output, scratch: scratch, pool: .single)
            for (index, name) in names.enumerated() {
                let single = Matrix(rows: 9, columns: each)
                try IntegerLinear(stacking: [name], inputs: 21, outputsEach: each, from: source).apply(
                    input, to: single, scratch: scratch, pool: .single)
                #expect(single.values == output.columns(index * each..<(index + 1) * each).values)
            }
        }
    }
}

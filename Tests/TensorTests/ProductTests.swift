import CKernels
import Tensor
import Testing

/// Values in [-1, 1) that depend on the seed only.
func noise(_ count: Int, seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    unsafe firstlead_fill(seed, 0, 1, &values, count)
    return values
}

func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

/// Index of the first value whose bits differ, -1 when the counts do; nil when all are equal.
func firstDifference(_ a: [Float], _ b: [Float]) -> Int? {
    guard a.count == b.count else { return -1 }
    return a.indices.first { a[$0].bitPattern != b[$0].bitPattern }
}

/// Rows, outputs, inputs: around the tile (12 x 16, 12 x 32), the depth block (256) and the row block (384).
let productShapes = [
    [1, 1, 1], [1, 16, 3], [2, 31, 5], [5, 7, 11], [6, 32, 16], [12, 32, 256], [13, 33, 257], [25, 49, 513],
    [397, 17, 19], [11, 80, 600],
]

struct Product {
    let m: Int
    let n: Int
    let k: Int
    let a: [Float]
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

    /// By the kernel, the panels in runs of `run`, output rows `n + 3` apart.
    func kernel(bias hasBias: Bool, gelu: Bool, residual hasResidual: Bool, run: Int) -> [Float] {
        var rows = [Float](repeating: .nan, count: firstlead_packed_rows_count(m, k))
        let rowPanels = (m + 11) / 12
        unsafe firstlead_pack_rows(a, k, m, k, 0, rowPanels / 2, &rows)
        unsafe firstlead_pack_rows(a, k, m, k, rowPanels / 2, rowPanels, &rows)
        var packed = [Float](repeating: .nan, count: firstlead_packed_weights_count(n, k))
        unsafe firstlead_pack_weights(weights, n, k, &packed)
        let stride = n + 3
        var output = [Float](repeating: 7, count: m * stride)
        unsafe rows.withUnsafeBufferPointer { rows in
            unsafe packed.withUnsafeBufferPointer { packed in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe residual.withUnsafeBufferPointer { residual in
                        unsafe output.withUnsafeMutableBufferPointer { output in
                            let epilogue = unsafe firstlead_epilogue(
                                bias: hasBias ? bias.baseAddress : nil, gelu: gelu ? 1 : 0,
                                residual: hasResidual ? residual.baseAddress : nil, residual_stride: n)
                            var product = unsafe firstlead_product(
                                rows: rows.baseAddress, m: m, k: k, weights: packed.baseAddress, n: n,
                                epilogue: epilogue, output: output.baseAddress, output_stride: stride)
                            let panels = (n + 15) / 16
                            for first in Swift.stride(from: 0, to: panels, by: run) {
                                unsafe firstlead_matmul(&product, first, min(first + run, panels))
                            }
                        }
                    }
                }
            }
        }
        for row in 0..<m { #expect(output[row * stride + n..<(row + 1) * stride].allSatisfy { $0 == 7 }) }
        return (0..<m).flatMap { output[$0 * stride..<$0 * stride + n] }
    }

    func naive(bias hasBias: Bool, gelu: Bool, residual hasResidual: Bool) -> [Float] {
        var output = [Float](repeating: 0, count: m * n)
        unsafe bias.withUnsafeBufferPointer { bias in
            unsafe residual.withUnsafeBufferPointer { residual in
                unsafe firstlead_naive_matmul(
                    a, weights, m, n, k, hasBias ? bias.baseAddress : nil, gelu ? 1 : 0,
                    hasResidual ? residual.baseAddress : nil, &output)
            }
        }
        return output
    }
}

/// Every variant of this processor against the naive twins and against each other.
@Suite struct ProductTests {
    @Test(arguments: productShapes, Kernels.available)
    func productHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        let product = Product(shape)
        for (bias, gelu, residual) in [(false, false, false), (true, true, false), (true, false, true)] {
            let expected = product.naive(bias: bias, gelu: gelu, residual: residual)
            for run in [1, 2, 100] {
                let found = try #require(
                    Kernels.with(variant: variant) {
                        product.kernel(bias: bias, gelu: gelu, residual: residual, run: run)
                    })
                #expect(firstDifference(found, expected) == nil)
            }
        }
    }

    /// Steps, groups, channels of a group, taps; more taps than steps among them.
    @Test(
        arguments: [
            [31, 3, 5, 8], [31, 2, 17, 7], [1, 1, 1, 1], [3, 2, 4, 16], [40, 2, 48, 12], [20, 1, 300, 2],
        ],
        Kernels.available)
    func convolutionHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        let (steps, groups, each, taps) = (shape[0], shape[1], shape[2], shape[3])
        let channels = groups * each
        let values = noise(steps * channels, seed: 5)
        let weights = noise(channels * each * taps, seed: 6)
        let bias = noise(channels, seed: 7)
        var expected = [Float](repeating: 0, count: steps * channels)
        unsafe firstlead_naive_convolution(
            values, steps, groups, each, each, taps, weights, &expected)
        for index in expected.indices {
            expected[index] =
                values[index] + firstlead_naive_gelu(expected[index] + bias[index % channels])
        }
        let convolution = GroupedConvolution(weights: weights, bias: bias, groups: groups, taps: taps)
        let input = Matrix(rows: steps, columns: channels)
        input.copy(values)
        let output = Matrix(rows: steps, columns: channels)
        let scratch = WorkerScratch(threads: 1, countEach: convolution.scratchCount(steps: steps))
        let pool = WorkerPool(threads: 1)
        try #require(
            Kernels.with(variant: variant) {
                convolution.applyWithGELUAndResidual(input, to: output, scratch: scratch, pool: pool)
            } != nil)
        #expect(firstDifference(output.values, expected) == nil)
    }

    @Test func twinAddsFromTheFirstTermUpward() {
        // 2^24 + 1 - 2^24: only the order from the front loses the 1.
        var output: [Float] = [0]
        unsafe firstlead_naive_matmul(
            [16_777_216, 1, -16_777_216], [1, 1, 1], 1, 1, 3, nil, 0, nil, &output)
        #expect(output == [0])
        unsafe firstlead_naive_matmul(
            [16_777_216, -16_777_216, 1], [1, 1, 1], 1, 1, 3, nil, 0, nil, &output)
        #expect(output == [1])
    }

    /// Tokens, columns of a head, heads.
    @Test(arguments: [
        [1, 1, 1], [3, 5, 2], [47, 16, 1], [48, 32, 2], [50, 10, 3], [97, 64, 2], [156, 33, 1],
    ])
    func attentionAgreesWithItsTwin(shape: [Int]) throws {
        let (tokens, dim, heads) = (shape[0], shape[1], shape[2])
        let width = heads * dim
        let projected = Matrix(rows: tokens, columns: 3 * width)
        projected.copy(noise(tokens * 3 * width, seed: 8).map { 3 * $0 })
        let attention = Attention(heads: heads, dim: dim)
        let scratch = WorkerScratch(threads: 1, countEach: attention.scratchCount(tokens: tokens))
        let pool = WorkerPool(threads: 1)
        var results: [[Float]] = []
        for variant in Kernels.available {
            let output = Matrix(rows: tokens, columns: width)
            try #require(
                Kernels.with(variant: variant) {
                    attention.apply(projected, to: output, scratch: scratch, pool: pool)
                } != nil)
            results.append(output.values)
        }
        for result in results { #expect(firstDifference(result, results[0]) == nil) }
        for head in 0..<heads {
            let parts = (0..<3).map { part in
                projected.columns(part * width + head * dim..<part * width + (head + 1) * dim).values
            }
            var expected = [Double](repeating: 0, count: tokens * dim)
            unsafe firstlead_naive_attention(
                parts[0], parts[1], parts[2], tokens, dim, 1 / Double(dim).squareRoot(), &expected)
            // A score is a sum of `dim` terms below 9 / sqrt(dim): its error, at most dim * 9 / sqrt(dim) * 2^-24 twice,
            // shifts each weight by that factor; values are below 3, and the mean of `tokens` values adds its own.
            let score = 2 * 9 * Double(dim).squareRoot()
            let tolerance = 3 * (2 * score + Double(tokens) + 4) * 0x1p-24
            for token in 0..<tokens {
                for column in 0..<dim {
                    let found = Double(results[0][token * width + head * dim + column])
                    #expect(abs(found - expected[token * dim + column]) <= tolerance)
                }
            }
        }
    }
}

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

/// Rows, outputs, inputs: around the tile (12 x 16, 12 x 32), the depth block (384) and the row block (384).
let productShapes = [
    [1, 1, 1], [1, 16, 3], [2, 31, 5], [5, 7, 11], [6, 32, 16], [12, 32, 256], [13, 33, 257], [25, 49, 513],
    [397, 17, 19], [11, 80, 600], [24, 48, 385], [36, 64, 768], [14, 33, 1_155],
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
        var packed = [Float](repeating: .nan, count: firstlead_packed_weights_count(n, k))
        unsafe firstlead_pack_weights(weights, n, k, &packed)
        let isFolded = firstlead_uses_strassen(m, n, k) != 0
        if isFolded { unsafe firstlead_fold_weights(&packed, n, k) }
        let stride = n + 3
        var output = [Float](repeating: 7, count: m * stride)
        let sums = UnsafeMutablePointer<Float>.allocate(capacity: firstlead_sums_count(m, n, k) + 1)
        defer { unsafe sums.deallocate() }
        var scratch = [Float](repeating: .nan, count: firstlead_product_scratch_count())
        unsafe a.withUnsafeBufferPointer { a in
            unsafe packed.withUnsafeBufferPointer { packed in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe residual.withUnsafeBufferPointer { residual in
                        unsafe output.withUnsafeMutableBufferPointer { output in
                            let epilogue = unsafe firstlead_epilogue(
                                bias: hasBias ? bias.baseAddress : nil, gelu: gelu ? 1 : 0,
                                residual: hasResidual ? residual.baseAddress : nil, residual_stride: n)
                            var product = unsafe firstlead_product(
                                input: a.baseAddress, input_stride: k, m: m, k: k,
                                weights: packed.baseAddress, n: n, folded: isFolded ? 1 : 0,
                                sums: sums,
                                epilogue: epilogue, output: output.baseAddress, output_stride: stride,
                                relu: 0, top: 0, bottom: 0
                            )
                            let rows = unsafe firstlead_sums_rows(&product)
                            unsafe firstlead_sum_blocks(&product, 0, rows / 3)
                            unsafe firstlead_sum_blocks(&product, rows / 3, rows)
                            let panels = unsafe firstlead_product_panels(&product)
                            #expect(panels == (isFolded ? n / 32 : (n + 15) / 16))
                            for first in Swift.stride(from: 0, to: panels, by: run) {
                                unsafe firstlead_matmul(
                                    &product, first, min(first + run, panels), &scratch)
                            }
                        }
                    }
                }
            }
        }
        for row in 0..<m { #expect(output[row * stride + n..<(row + 1) * stride].allSatisfy { $0 == 7 }) }
        return (0..<m).flatMap { output[$0 * stride..<$0 * stride + n] }
    }

    /// A layer of these weights and biases that is most often applied to `rows`, and what it is applied to.
    func layer(rows: Int) -> (Linear, input: Matrix) {
        let matrix = Matrix(rows: n, columns: k)
        matrix.copy(weights)
        let input = Matrix(rows: m, columns: k)
        input.copy(a)
        return (Linear(weights: matrix, bias: bias, rows: rows), input)
    }

    /// By the twin: of the scheme that the kernel takes for this shape.
    func naive(bias hasBias: Bool, gelu: Bool, residual hasResidual: Bool) -> [Float] {
        let twin =
            firstlead_uses_strassen(m, n, k) != 0
            ? unsafe firstlead_naive_strassen : unsafe firstlead_naive_matmul
        var output = [Float](repeating: 0, count: m * n)
        unsafe bias.withUnsafeBufferPointer { bias in
            unsafe residual.withUnsafeBufferPointer { residual in
                unsafe twin(
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

    /// Around the sweep (16 row panels of half the rows), the group of columns (32) and the chunk (768).
    @Test(arguments: [[288, 128, 768], [312, 384, 1_536], [456, 128, 768]], Kernels.available)
    func strassenHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        // Generic code multiplies without instructions for it: minutes for what the others do in seconds.
        guard variant != "generic" || shape[0] == 288 else { return }
        let product = Product(shape)
        let panels = product.n / 32
        for (bias, gelu, residual) in [(false, false, false), (true, true, false), (true, false, true)] {
            let expected = product.naive(bias: bias, gelu: gelu, residual: residual)
            for run in [4, panels] {
                let found = try #require(
                    Kernels.with(variant: variant) {
                        product.kernel(bias: bias, gelu: gelu, residual: residual, run: run)
                    })
                #expect(firstDifference(found, expected) == nil)
            }
        }
    }

    /// The scheme's sums make factors up to four times as large as the matrices' elements, in sums of half as many
    /// terms: each product of halves errs by at most (k / 2 + 2) * 4 * 4 * (k / 2) * 2^-24, and seven meet in an
    /// element; the twin of the plain product adds k * k * 2^-24. Measured errors are a thousandth of that bound, so
    /// that the mean square is checked too.
    @Test func strassenAgreesWithThePlainProduct() {
        let product = Product([288, 128, 768])
        var plain = [Float](repeating: 0, count: 288 * 128)
        unsafe firstlead_naive_matmul(
            product.a, product.weights, 288, 128, 768, nil, 0, nil, &plain)
        let found = product.naive(bias: false, gelu: false, residual: false)
        let differences = zip(plain, found).map { Double($0) - Double($1) }
        let half = 384.0
        #expect(differences.allSatisfy { abs($0) <= (7 * (half + 2) * 16 * half + 768 * 768) * 0x1p-24 })
        let meanSquare = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
        #expect(meanSquare.squareRoot() < 2e-5)
        #expect(meanSquare > 0)
    }

    /// Threads share rows where each has six panels of them, thirteen by turns among two, nineteen among three; else columns.
    @Test(arguments: [312, 384, 456]) func threadsShareAProductWithoutATrace(rows: Int) {
        let (outputs, inputs) = (384, 1_536)
        let product = Product([rows, outputs, inputs])
        let (layer, input) = product.layer(rows: rows)
        let expected = product.naive(bias: true, gelu: true, residual: false)
        for threads in 1...3 {
            let pool = WorkerPool(threads: threads)
            let scratch = WorkerScratch(threads: threads, products: [(rows, outputs, inputs)])
            let output = Matrix(rows: rows, columns: outputs)
            layer.apply(input, to: output, gelu: true, scratch: scratch, pool: pool)
            #expect(firstDifference(output.values, expected) == nil)
        }
    }

    /// Folded weights give few rows what plain ones give them, and many rows what Strassen's scheme gives: each weight of
    /// up to 1 is rounded twice more, in sums of up to 4.
    @Test(arguments: [5, 312]) func foldedWeightsAgreeWithPlainOnes(rows: Int) {
        let (outputs, inputs) = (128, 1_536)
        let product = Product([rows, outputs, inputs])
        let pool = WorkerPool(threads: 1)
        let scratch = WorkerScratch(threads: 1, products: [(rows, outputs, inputs)])
        let results = [0, 312].map { usual in
            let (layer, input) = product.layer(rows: usual)
            let output = Matrix(rows: rows, columns: outputs)
            layer.apply(input, to: output, scratch: scratch, pool: pool)
            return output.values
        }
        let largest = zip(results[0], results[1]).map { abs($0 - $1) }.max() ?? .nan
        #expect(largest > 0 && largest < 2e-4)
    }

    /// Sequences, steps, groups, channels of a group, taps; more taps than steps among them. The last two are done in
    /// phases, one as ECG-FM's.
    @Test(
        arguments: [
            [1, 31, 3, 5, 8], [2, 31, 2, 17, 7], [1, 1, 1, 1, 1], [3, 3, 2, 4, 16], [1, 40, 2, 48, 12],
            [1, 20, 1, 300, 2], [3, 48, 2, 40, 16], [2, 156, 1, 48, 128],
        ],
        Kernels.available)
    func convolutionHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        let (sequences, steps, groups, each, taps) = (shape[0], shape[1], shape[2], shape[3], shape[4])
        // Generic code multiplies without instructions for it.
        guard variant != "generic" || taps < 128 else { return }
        let channels = groups * each
        let values = noise(sequences * steps * channels, seed: 5)
        let weights = noise(channels * each * taps, seed: 6)
        let bias = noise(channels, seed: 7)
        let isPhased = firstlead_convolves_in_phases(steps, each, taps) != 0
        #expect(isPhased == (steps % 12 == 0 && each > 32))
        let twin = isPhased ? unsafe firstlead_naive_phases : unsafe firstlead_naive_convolution
        var expected: [Float] = []
        for sequence in 0..<sequences {
            let first = sequence * steps * channels
            var sums = [Float](repeating: 0, count: steps * channels)
            unsafe twin(
                Array(values[first..<first + sums.count]), steps, groups, each, each, taps, weights, &sums)
            expected += sums
        }
        for index in expected.indices {
            expected[index] =
                values[index] + firstlead_naive_gelu(expected[index] + bias[index % channels])
        }
        let convolution = GroupedConvolution(
            weights: weights, bias: bias, groups: groups, taps: taps, steps: steps)
        let input = Matrix(rows: sequences * steps, columns: channels)
        input.copy(values)
        let output = Matrix(rows: sequences * steps, columns: channels)
        let scratch = WorkerScratch(threads: 1, countEach: convolution.scratchCount(sequences: sequences))
        let pool = WorkerPool(threads: 1)
        try #require(
            Kernels.with(variant: variant) {
                convolution.applyWithGELUAndResidual(
                    input, sequences: sequences, to: output, scratch: scratch, pool: pool)
            } != nil)
        #expect(firstDifference(output.values, expected) == nil)
    }

    /// Sums of four weights and differences of four values, of 2^24 parts each: an error of a few parts in a sum of
    /// 6,144 terms.
    @Test func phasesAgreeWithThePlainConvolution() {
        let (steps, each, taps) = (156, 48, 128)
        let values = noise(steps * each, seed: 5)
        let weights = noise(each * each * taps, seed: 6)
        var plain = [Float](repeating: 0, count: steps * each)
        var phased = plain
        unsafe firstlead_naive_convolution(values, steps, 1, each, each, taps, weights, &plain)
        unsafe firstlead_naive_phases(values, steps, 1, each, each, taps, weights, &phased)
        let largest = zip(plain, phased).map { abs($0 - $1) }.max() ?? .nan
        #expect(largest > 0 && largest < 3e-4)
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
}

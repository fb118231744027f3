import CKernels
import Tensor
import Testing

/// Every variant against the twins, bit for bit, and against float64 within what rounding explains.
@Suite struct NormalisationTests {
    @Test(arguments: [1, 2, 15, 16, 17, 33, 75, 256, 257, 768, 1_000], Kernels.available)
    func layerNormHasTheBitsOfItsTwin(width: Int, variant: String) throws {
        let input = noise(3 * width, seed: 10).map { 5 * $0 + 2 }
        let (weight, bias) = (noise(width, seed: 11), noise(width, seed: 12))
        var output = [Float](repeating: 0, count: 3 * width)
        try #require(
            Kernels.with(variant: variant) {
                unsafe firstlead_layer_norm(input, width, width, weight, bias, 1e-5, &output, width, 0, 3)
            } != nil)
        var twin = [Float](repeating: 0, count: width)
        var reference = [Double](repeating: 0, count: width)
        for row in 0..<3 {
            let values = Array(input[row * width..<(row + 1) * width])
            unsafe firstlead_naive_layer_norm(values, width, weight, bias, 1e-5, &twin)
            #expect(firstDifference(Array(output[row * width..<(row + 1) * width]), twin) == nil)
            unsafe firstlead_reference_layer_norm(
                values, width, weight, bias, Double(Float(1e-5)), &reference)
            // Lanes hold width / 16 terms, so mean and variance are off by about (width / 16 + 8) ulp at most, the
            // mean relative to values of up to 7 with a deviation near 3, the result being below 2 + 1.
            let tolerance = 4 * (Double(width) / 16 + 16) * 0x1p-24
            for (found, expected) in zip(twin, reference) {
                #expect(abs(Double(found) - expected) <= tolerance)
            }
        }
    }

    /// Columns of different lengths of zeros, one without anything else.
    @Test(arguments: [1, 63, 64, 65, 130]) func meanLeavesZerosOut(width: Int) {
        let values = Matrix(rows: 5, columns: width)
        for column in 0..<width where column != 62 {
            for row in column % 5..<5 { values[row, column] = Float(column + row + 1) }
        }
        let mean = Matrix(rows: 1, columns: width)
        #expect(mean.setMeanOfNonzero(ofRows: values) == (width > 62 ? 62 : nil))
        for column in 0..<width where column != 62 {
            let rows = column % 5..<5
            let sum = rows.reduce(0.0) { $0 + Double(column + $1 + 1) }
            #expect(mean[0, column] == Float(sum / Double(rows.count)))
        }
    }

    @Test(arguments: [[1, 1], [5, 16], [33, 40], [1_250, 17]], Kernels.available)
    func channelNormHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        let (steps, channels) = (shape[0], shape[1])
        let input = noise(steps * channels, seed: 13).map { 3 * $0 + 1 }
        let (weight, bias) = (noise(channels, seed: 14), noise(channels, seed: 15))
        var found = input
        try #require(
            Kernels.with(variant: variant) {
                unsafe firstlead_channel_norm_gelu(
                    &found, channels, steps, weight, bias, 1e-5, 0, channels)
            } != nil)
        var twin = input
        unsafe firstlead_naive_channel_norm_gelu(&twin, steps, channels, weight, bias, 1e-5)
        #expect(firstDifference(found, twin) == nil)
        var reference = [Double](repeating: 0, count: steps * channels)
        unsafe firstlead_reference_channel_norm_gelu(
            input, steps, channels, weight, bias, Double(Float(1e-5)), &reference)
        // Sums are exact to float64; five roundings of values up to 4 / 1.7 and GELU's own error are left.
        for (found, expected) in zip(twin, reference) {
            #expect(abs(Double(found) - expected) <= 16 * 0x1p-24 * max(1, abs(expected)))
        }
    }
}

import CKernels
import Foundation
import Tensor
import Testing

@Suite struct PointwiseTests {
    /// Every value with eight leading significant bits, so all magnitudes and both signs, and the edges.
    private static let sweep: [Float] = {
        let leading = (0..<UInt32(1 << 16)).map { Float(bitPattern: $0 << 16) }.filter(\.isFinite)
        let fine = (0..<40_000).map { Float($0) / 2_000 - 14 }
        let edges: [Float] = [-12.5, 12.5, -87.3, 88, .infinity, -.infinity]
        return leading + fine + edges
    }()

    @Test(arguments: Kernels.available) func geluHasTheBitsOfItsTwin(variant: String) throws {
        var values = Self.sweep
        try #require(Kernels.with(variant: variant) { unsafe firstlead_gelu(&values, values.count) } != nil)
        #expect(firstDifference(values, Self.sweep.map { firstlead_naive_gelu($0) }) == nil)
    }

    @Test(arguments: Kernels.available) func exponentialHasTheBitsOfItsTwin(variant: String) throws {
        let sweep = Self.sweep.filter { $0 <= 88 }
        var values = sweep
        try #require(Kernels.with(variant: variant) { unsafe firstlead_exp(&values, values.count) } != nil)
        #expect(firstDifference(values, sweep.map { firstlead_naive_exp($0) }) == nil)
    }

    @Test func geluKeepsItsRelativeAccuracyInTheTail() {
        var worst = 0.0
        for x in Self.sweep where x > -12.5 && x != 0 && abs(x) > 1e-30 && x.isFinite {
            let expected = firstlead_reference_gelu(Double(x))
            worst = max(worst, abs(Double(firstlead_naive_gelu(x)) / expected - 1))
        }
        #expect(worst < 4e-7, "worst relative error \(worst)")
        #expect(firstlead_naive_gelu(.infinity) == .infinity)
        #expect(abs(firstlead_naive_gelu(-.infinity)) < 1e-34)
        #expect(firstlead_naive_gelu(.nan).isNaN)
    }

    @Test func exponentialIsAccurate() {
        var worst = 0.0
        for x in Self.sweep where x > -87.2 && x <= 88 {
            worst = max(worst, abs(Double(firstlead_naive_exp(x)) / exp(Double(x)) - 1))
        }
        #expect(worst < 1.5e-7, "worst relative error \(worst)")
        #expect(firstlead_naive_exp(-100) == 0)
        #expect(firstlead_naive_exp(0) == 1)
    }

    @Test(arguments: [1, 15, 16, 17, 75, 256, 768, 1_000]) func layerNormAgreesWithItsTwin(width: Int) throws
    {
        let input = noise(3 * width, seed: 10).map { 5 * $0 + 2 }
        let (weight, bias) = (noise(width, seed: 11), noise(width, seed: 12))
        var results: [[Float]] = []
        for variant in Kernels.available {
            var output = [Float](repeating: 0, count: 3 * width)
            try #require(
                Kernels.with(variant: variant) {
                    unsafe firstlead_layer_norm(
                        input, width, width, weight, bias, 1e-5, &output, width, 0, 3)
                } != nil)
            results.append(output)
        }
        for result in results { #expect(firstDifference(result, results[0]) == nil) }
        var expected = [Double](repeating: 0, count: width)
        for row in 0..<3 {
            unsafe firstlead_naive_layer_norm(
                Array(input[row * width..<(row + 1) * width]), width, weight, bias, Double(Float(1e-5)),
                &expected)
            // Lanes hold width / 16 terms, so mean and variance are off by about (width / 16 + 8) ulp at most, the
            // mean relative to values of up to 7 with a deviation near 3, the result being below 2 + 1.
            let tolerance = Double(width) / 16 + 16
            for column in 0..<width {
                let found = Double(results[0][row * width + column])
                #expect(abs(found - expected[column]) <= 4 * tolerance * 0x1p-24)
            }
        }
    }

    @Test(arguments: [[1, 1], [5, 16], [33, 40], [1_250, 17]]) func channelNormAgreesWithItsTwin(shape: [Int])
        throws
    {
        let (steps, channels) = (shape[0], shape[1])
        let input = noise(steps * channels, seed: 13).map { 3 * $0 + 1 }
        let (weight, bias) = (noise(channels, seed: 14), noise(channels, seed: 15))
        var results: [[Float]] = []
        for variant in Kernels.available {
            var values = input
            try #require(
                Kernels.with(variant: variant) {
                    unsafe firstlead_channel_norm_gelu(
                        &values, channels, steps, weight, bias, 1e-5, 0, channels)
                } != nil)
            results.append(values)
        }
        for result in results { #expect(firstDifference(result, results[0]) == nil) }
        var expected = [Double](repeating: 0, count: steps * channels)
        unsafe firstlead_naive_channel_norm_gelu(
            input, steps, channels, weight, bias, Double(Float(1e-5)), &expected)
        // Sums are exact to float64; five roundings of values up to 4 / 1.7 and GELU's own error are left.
        for (found, expected) in zip(results[0], expected) {
            #expect(abs(Double(found) - expected) <= 16 * 0x1p-24 * max(1, abs(expected)))
        }
    }

    @Test func columnSumsCountWhatIsNotZero() {
        let matrix = Matrix(rows: 3, columns: 2)
        matrix.copy([1, 0, 2, 0, -0.5, 3])
        var sums = [10.0, 0]
        var nonzero: [UInt32] = [0, 0]
        matrix.addColumnSums(to: &sums, nonzero: &nonzero)
        #expect(sums == [12.5, 3])
        #expect(nonzero == [3, 1])
    }

    @Test func findsTheFirstValueThatIsNotFinite() {
        var values = [Float](repeating: 1, count: 5_000)
        #expect(unsafe firstlead_first_not_finite(values, values.count) == values.count)
        values[4_998] = -.infinity
        #expect(unsafe firstlead_first_not_finite(values, values.count) == 4_998)
        values[1_024] = .nan
        #expect(unsafe firstlead_first_not_finite(values, values.count) == 1_024)
    }
}

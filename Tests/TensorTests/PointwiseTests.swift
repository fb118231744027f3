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

    /// As near as single precision has it: the tail is within 2.7e-8, and what is left of it is rounded once.
    @Test func geluIsAccurate() {
        var worst = 0.0
        var worstNextToZero = 0.0
        for x in Self.sweep where x.isFinite {
            let expected = firstlead_reference_gelu(Double(x))
            let error = abs(Double(firstlead_naive_gelu(x)) - expected)
            worst = max(worst, error - abs(expected) * 0x1p-24)
            if abs(x) < 0.2, abs(x) > 1e-30 { worstNextToZero = max(worstNextToZero, error / abs(expected)) }
        }
        #expect(worst < 2.8e-8, "worst error \(worst)")
        #expect(worstNextToZero < 2.5e-7, "worst relative error \(worstNextToZero)")
        #expect(firstlead_naive_gelu(.infinity) == .infinity)
        #expect(firstlead_naive_gelu(-.infinity) == 0)
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

    @Test func powersOfTwoAreAccurate() {
        var worst = 0.0
        for x in Self.sweep where x >= -126 && x <= 0 {
            worst = max(worst, abs(Double(firstlead_naive_exp2(x)) / exp2(Double(x)) - 1))
        }
        #expect(worst < 1.7e-7, "worst relative error \(worst)")
        #expect(firstlead_naive_exp2(-200) == 0x1p-126)
        #expect(firstlead_naive_exp2(0) == 1)
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

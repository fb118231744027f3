import CKernels
import Tensor
import Testing

/// Every variant against the twin, bit for bit, and against float64 within what rounding explains.
@Suite struct AttentionTests {
    /// Tokens, columns of a head, heads.
    @Test(
        arguments: [
            [1, 1, 1], [3, 5, 2], [47, 16, 1], [48, 32, 2], [50, 10, 3], [97, 64, 2], [156, 33, 1],
            [96, 64, 1],
            [193, 31, 1],
        ], Kernels.available)
    func attentionHasTheBitsOfItsTwin(shape: [Int], variant: String) throws {
        let (tokens, dim, heads) = (shape[0], shape[1], shape[2])
        let width = heads * dim
        let projected = Matrix(rows: tokens, columns: 3 * width)
        projected.copy(noise(tokens * 3 * width, seed: 8).map { 3 * $0 })
        let attention = Attention(heads: heads, dim: dim)
        let scratch = WorkerScratch(threads: 1, countEach: attention.scratchCount(tokens: tokens))
        let output = Matrix(rows: tokens, columns: width)
        try #require(
            Kernels.with(variant: variant) {
                attention.apply(projected, to: output, scratch: scratch, pool: .single)
            } != nil)
        for head in 0..<heads {
            let parts = (0..<3).map { part in
                projected.columns(part * width + head * dim..<part * width + (head + 1) * dim).values
            }
            var twin = [Float](repeating: 0, count: tokens * dim)
            var weights = [Float](repeating: 0, count: tokens)
            unsafe firstlead_naive_attention(
                parts[0], parts[1], parts[2], dim, tokens, dim, 1 / Float(dim).squareRoot(), &twin, &weights)
            #expect(
                firstDifference(output.columns(head * dim..<(head + 1) * dim).values, twin) == nil)
            expectAccurate(twin, parts, tokens: tokens, dim: dim)
        }
    }

    private func expectAccurate(_ found: [Float], _ parts: [[Float]], tokens: Int, dim: Int) {
        var expected = [Double](repeating: 0, count: tokens * dim)
        unsafe firstlead_reference_attention(
            parts[0], parts[1], parts[2], tokens, dim, 1 / Double(dim).squareRoot(), &expected)
        // A score is a sum of `dim` terms below 9 / sqrt(dim): its error, at most dim * 9 / sqrt(dim) * 2^-24 twice,
        // shifts each weight by that factor; values are below 3, and the mean of `tokens` values adds its own.
        let score = 2 * 9 * Double(dim).squareRoot()
        let tolerance = 3 * (2 * score + Double(tokens) + 4) * 0x1p-24
        for (found, expected) in zip(found, expected) {
            #expect(abs(Double(found) - expected) <= tolerance)
        }
    }
}

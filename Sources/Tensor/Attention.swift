import CKernels

/// Multi-head attention without mask over all tokens; heads are contiguous slices of the columns.
package struct Attention: Sendable {
    package let heads: Int
    /// Columns of one head.
    package let dim: Int
    private let scale: Float

    /// Logits are multiplied by `1 / sqrt(dim)`.
    package init(heads: Int, dim: Int) {
        self.heads = heads
        self.dim = dim
        scale = 1 / Float(dim).squareRoot()
    }

    /// Scratch floats that one worker needs.
    package func scratchCount(tokens: Int) -> Int { firstlead_attention_scratch_count(tokens, dim) }

    /// `[sequences * tokens, 3 * heads * dim]`, that is queries, keys, values, to `[sequences * tokens, heads * dim]`;
    /// tokens attend to those of their own sequence.
    package func apply(
        _ projected: Matrix, sequences: Int = 1, to output: Matrix, scratch: WorkerScratch, pool: WorkerPool
    ) {
        let width = heads * dim
        let tokens = projected.rows / sequences
        precondition(tokens * sequences == projected.rows)
        precondition(projected.columns == 3 * width && output.columns == width)
        precondition(output.rows == projected.rows)
        precondition(scratch.holds(scratchCount(tokens: tokens), threads: pool.threads))
        pool.parallel(over: sequences * heads) { worker, range in
            for index in range {
                let first = index / heads * tokens
                let head = index % heads
                let queries = unsafe UnsafePointer(projected.start + first * projected.stride + head * dim)
                var attention = unsafe firstlead_attention()
                unsafe attention.queries = queries
                unsafe attention.keys = queries + width
                unsafe attention.values = queries + 2 * width
                unsafe attention.input_stride = projected.stride
                unsafe attention.tokens = tokens
                unsafe attention.dim = dim
                unsafe attention.scale = scale
                unsafe attention.output = output.start + first * output.stride + head * dim
                unsafe attention.output_stride = output.stride
                unsafe firstlead_attend(&attention, scratch.part(worker))
            }
        }
    }
}

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

    /// `[tokens, 3 * heads * dim]`, that is queries, keys, values, to `[tokens, heads * dim]`.
    package func apply(_ projected: Matrix, to output: Matrix, scratch: WorkerScratch, pool: WorkerPool) {
        let width = heads * dim
        precondition(projected.columns == 3 * width && output.columns == width)
        precondition(output.rows == projected.rows && scratch.countEach >= scratchCount(tokens: output.rows))
        precondition(scratch.storage.count >= pool.threads * scratch.countEach)
        pool.parallel(over: heads) { worker, range in
            let memory = unsafe scratch.storage.start + worker * scratch.countEach
            for head in range {
                let queries = unsafe UnsafePointer(projected.start + head * dim)
                var attention = unsafe firstlead_attention()
                unsafe attention.queries = queries
                unsafe attention.keys = queries + width
                unsafe attention.values = queries + 2 * width
                unsafe attention.input_stride = projected.stride
                unsafe attention.tokens = projected.rows
                unsafe attention.dim = dim
                unsafe attention.scale = scale
                unsafe attention.output = output.start + head * dim
                unsafe attention.output_stride = output.stride
                unsafe firstlead_attend(&attention, memory)
            }
        }
    }
}

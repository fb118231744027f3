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
        pool.parallel(
            over: sequences * heads,
            HeadsOfSequences(
                attention: self, tokens: tokens, projected: projected, output: output, scratch: scratch))
    }

    /// Heads `index % heads` of the sequences `index / heads`.
    private struct HeadsOfSequences: SharedWork {
        let attention: Attention
        let tokens: Int
        let projected: Matrix
        let output: Matrix
        let scratch: WorkerScratch

        func run(_ part: Range<Int>, worker: Int) {
            let (heads, dim) = (attention.heads, attention.dim)
            let count = projected.rows / tokens * heads
            for index in part {
                let first = place(of: index, in: projected)
                let queries = unsafe UnsafePointer(projected.start + first)
                var one = unsafe firstlead_attention()
                unsafe one.queries = queries
                unsafe one.keys = queries + heads * dim
                unsafe one.values = queries + 2 * heads * dim
                unsafe one.input_stride = projected.stride
                unsafe one.tokens = tokens
                unsafe one.dim = dim
                unsafe one.scale = attention.scale
                unsafe one.output = output.start + place(of: index, in: output)
                unsafe one.output_stride = output.stride
                // Parts are taken in order.
                unsafe one.next = index + 1 < count ? place(of: index + 1, in: projected) - first : 0
                unsafe firstlead_attend(&one, scratch.part(worker))
            }
        }

        /// Floats before a head's columns of its sequence's first row.
        private func place(of index: Int, in matrix: Matrix) -> Int {
            index / attention.heads * tokens * matrix.stride + index % attention.heads * attention.dim
        }
    }
}

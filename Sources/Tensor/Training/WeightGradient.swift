import CKernels

/// The gradient of a convolution's weights: for every output and every value that it sees, the sum over the batch of
/// gradient times value. Threads take rectangles of it.
@safe package struct WeightGradient: SharedWork {
    private static let most = (rows: 384, columns: 512)

    private let gradient: RecordRows
    private let input: RecordRows
    private let taps: Int
    private let step: Int
    private let output: Matrix
    private let scratch: WorkerScratch
    private let chunk: (rows: Int, columns: Int)

    /// Floats that every worker needs.
    package static var scratchCount: Int { firstlead_column_scratch_count(most.rows, most.columns) }

    /// Gradients `[records, positions', outputs]` and the padded input to `[outputs, taps * inputs]`, tap by tap.
    package init(
        _ gradient: RecordRows, input: RecordRows, taps: Int, stride: Int, to output: Matrix,
        scratch: WorkerScratch, threads: Int
    ) {
        precondition(gradient.padding == 0 && gradient.records == input.records)
        precondition(output.rows == gradient.matrix.columns && output.columns == taps * input.matrix.columns)
        precondition((gradient.positions - 1) * stride + taps <= input.positions + 2 * input.padding)
        precondition(taps == 1 || input.matrix.stride == input.matrix.columns)
        self.gradient = gradient
        self.input = input
        self.taps = taps
        step = stride
        self.output = output
        self.scratch = scratch
        chunk = Self.chunk(of: output, threads: threads)
    }

    /// Small enough that every thread has some; no sum depends on it.
    private static func chunk(of output: Matrix, threads: Int) -> (rows: Int, columns: Int) {
        var chunk = most
        func tasks() -> Int {
            (output.rows + chunk.rows - 1) / chunk.rows
                * ((output.columns + chunk.columns - 1) / chunk.columns)
        }
        while threads > 1, tasks() < 2 * threads, chunk.rows > 96 || chunk.columns > 64 {
            if chunk.rows > 96, chunk.rows >= chunk.columns { chunk.rows /= 2 } else { chunk.columns /= 2 }
        }
        return chunk
    }

    package func run(on pool: WorkerPool) {
        precondition(scratch.holds(Self.scratchCount, threads: pool.threads))
        let columns = (output.columns + chunk.columns - 1) / chunk.columns
        pool.parallel(over: (output.rows + chunk.rows - 1) / chunk.rows * columns, self)
    }

    func run(_ part: Range<Int>, worker: Int) {
        let across = (output.columns + chunk.columns - 1) / chunk.columns
        for task in part {
            let (row, column) = (task / across * chunk.rows, task % across * chunk.columns)
            var product = unsafe firstlead_column_product()
            unsafe product.left = UnsafePointer(gradient.start(0) + row)
            unsafe product.left_stride = gradient.matrix.stride
            unsafe product.left_record = gradient.pitch
            unsafe product.right = UnsafePointer(input.start(0, padded: true) + column)
            unsafe product.right_stride = step * input.matrix.stride
            unsafe product.right_record = input.pitch
            unsafe product.records = gradient.records
            unsafe product.positions = gradient.positions
            unsafe product.m = min(output.rows - row, chunk.rows)
            unsafe product.n = min(output.columns - column, chunk.columns)
            unsafe product.output = output.start + row * output.stride + column
            unsafe product.output_stride = output.stride
            unsafe firstlead_multiply_columns(&product, scratch.part(worker))
        }
    }
}

extension Matrix {
    /// Takes over weight gradients `[outputs, taps * inputs]` as PyTorch stores the weights, `[outputs, inputs * taps]`.
    package func setChannelByChannel(_ other: Matrix, taps: Int, pool: WorkerPool) {
        precondition(rows == other.rows && columns == other.columns && columns.isMultiple(of: taps))
        precondition(stride == columns && other.stride == columns)
        pool.parallel(over: rows, unit: 16, Reordering(from: other, to: self, taps: taps))
    }

    private struct Reordering: SharedWork {
        let from: Matrix
        let to: Matrix
        let taps: Int

        func run(_ rows: Range<Int>, worker: Int) {
            unsafe firstlead_transpose_each(
                from.start + rows.lowerBound * from.stride, taps, from.columns / taps, rows.count,
                to.start + rows.lowerBound * to.stride)
        }
    }
}

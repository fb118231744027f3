import CKernels

extension Matrix {
    /// Makes every row the largest, column by column, of `width` neighbouring rows of another matrix, from `stride` times
    /// the row less `padding` on; rows beyond both ends count for nothing.
    package func setMaxima(
        of other: Matrix, width: Int, stride step: Int, padding: Int, pool: WorkerPool
    ) {
        precondition(width > padding && step > 0 && padding >= 0 && other.columns == columns)
        precondition(rows > 0 && (rows - 1) * step < other.rows + padding)
        pool.parallel(
            over: rows, unit: rowsAtOnce,
            Maxima(input: other, output: self, width: width, step: step, padding: padding))
    }

    private struct Maxima: SharedWork {
        let input: Matrix
        let output: Matrix
        let width: Int
        let step: Int
        let padding: Int

        func run(_ rows: Range<Int>, worker: Int) {
            for row in rows {
                let first = max(row * step - padding, 0)
                let last = min(row * step - padding + width, input.rows)
                unsafe firstlead_max_columns(
                    input.start + first * input.stride, input.stride, last - first, input.columns,
                    output.start + row * output.stride)
            }
        }
    }
}

/// Rows of float32 in aligned memory: activations between two operations.
///
/// Copies and the parts that `reshaped`, `rows` and `columns` give share the memory. An operation must not
/// write a matrix that another thread reads; each encoder pass therefore has its own.
@safe package struct Matrix: @unchecked Sendable {  // see above
    package let rows: Int
    package let columns: Int
    /// Floats from one row to the next.
    package let stride: Int
    let start: UnsafeMutablePointer<Float>
    private let storage: AlignedStorage

    /// `[rows, columns]` zeros.
    package init(rows: Int, columns: Int) {
        let storage = AlignedStorage(count: rows * columns)
        unsafe self.init(
            rows: rows, columns: columns, stride: columns, start: storage.start, storage: storage)
    }

    /// `[rows, columns]` zeros, rows a cache line further apart where they would otherwise begin at the same place of
    /// every 4 KB: such rows push each other out of the cache.
    package init(spreadingRows rows: Int, columns: Int) {
        let stride = columns.isMultiple(of: 1_024) ? columns + 16 : columns
        let storage = AlignedStorage(count: rows * stride)
        unsafe self.init(rows: rows, columns: columns, stride: stride, start: storage.start, storage: storage)
    }

    private init(
        rows: Int, columns: Int, stride: Int, start: UnsafeMutablePointer<Float>, storage: AlignedStorage
    ) {
        self.rows = rows
        self.columns = columns
        self.stride = stride
        unsafe self.start = unsafe start
        self.storage = storage
    }

    /// The first `rows * columns` values as a matrix of another shape; the rows must be contiguous.
    package func reshaped(rows: Int, columns: Int) -> Matrix {
        precondition(stride == self.columns && rows * columns <= self.rows * self.columns)
        return unsafe Matrix(rows: rows, columns: columns, stride: columns, start: start, storage: storage)
    }

    /// Some of the rows.
    package func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        return unsafe Matrix(
            rows: range.count, columns: columns, stride: stride, start: start + range.lowerBound * stride,
            storage: storage)
    }

    /// Some of the columns of every row.
    package func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns)
        return unsafe Matrix(
            rows: rows, columns: range.count, stride: stride, start: start + range.lowerBound,
            storage: storage)
    }

    package subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return unsafe start[row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            unsafe start[row * stride + column] = newValue
        }
    }

    /// All values, row by row.
    package var values: [Float] {
        var copy: [Float] = []
        copy.reserveCapacity(rows * columns)
        for row in 0..<rows {
            unsafe copy.append(contentsOf: UnsafeBufferPointer(start: start + row * stride, count: columns))
        }
        return copy
    }

    /// Takes over `rows * columns` values, row by row.
    package func copy(_ values: [Float]) {
        precondition(values.count == rows * columns)
        for row in 0..<rows {
            for column in 0..<columns {
                unsafe start[row * stride + column] = values[row * columns + column]
            }
        }
    }

    /// Takes over `columns * rows` values column by column: `[leads, samples]` becomes `[samples, leads]`.
    package func copyTransposed(_ values: [Float]) {
        precondition(values.count == rows * columns)
        for column in 0..<columns {
            for row in 0..<rows {
                unsafe start[row * stride + column] = values[column * rows + row]
            }
        }
    }

    /// Makes one row the sum of two rows of other matrices.
    package func setRow(_ row: Int, to a: Matrix, _ aRow: Int, plus b: Matrix, _ bRow: Int) {
        precondition(row < rows && aRow < a.rows && bRow < b.rows)
        precondition(min(row, aRow, bRow) >= 0 && a.columns == columns && b.columns == columns)
        let out = unsafe start + row * stride
        let left = unsafe a.start + aRow * a.stride
        let right = unsafe b.start + bRow * b.stride
        for column in 0..<columns { unsafe out[column] = unsafe left[column] + right[column] }
    }

    /// Makes one row equal to a row of another matrix.
    package func setRow(_ row: Int, to a: Matrix, _ aRow: Int) {
        precondition(row >= 0 && row < rows && aRow >= 0 && aRow < a.rows && a.columns == columns)
        unsafe (start + row * stride).update(from: a.start + aRow * a.stride, count: columns)
    }
}

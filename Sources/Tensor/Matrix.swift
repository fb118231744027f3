import CKernels

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

    /// A part of other memory, with what is in it.
    init(_ place: Place, in storage: AlignedStorage) {
        precondition(place.offset + place.rows * place.stride <= storage.count)
        unsafe self.init(
            rows: place.rows, columns: place.columns, stride: place.stride,
            start: storage.start + place.offset, storage: storage)
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

    /// The stretches of `taps` rows that begin at every `stride`-th row, as `count` rows that overlap: what each output
    /// of a convolution sees, without a copy.
    package func stretches(_ count: Int, taps: Int, stride step: Int) -> Matrix {
        precondition(count > 0 && taps > 0 && step > 0 && (count - 1) * step + taps <= rows)
        precondition(taps == 1 || stride == columns)
        return unsafe Matrix(
            rows: count, columns: taps * columns, stride: step * stride, start: start, storage: storage)
    }

    /// Zeros in some of the rows.
    package func clear(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        for row in range { unsafe (start + row * stride).update(repeating: 0, count: columns) }
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

    /// Column of the first value of a row that is NaN or infinite; nil when all are finite.
    package func firstNotFinite(row: Int) -> Int? {
        precondition(row >= 0 && row < rows)
        let column = unsafe firstlead_first_not_finite(start + row * stride, columns)
        return column == columns ? nil : column
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

    /// The sum of products of a row with as many values, in float64.
    package func dot(row: Int, _ other: [Float]) -> Float {
        precondition(row >= 0 && row < rows && other.count == columns)
        var sum = 0.0
        for column in 0..<columns {
            sum += Double(unsafe start[row * stride + column]) * Double(other[column])
        }
        return Float(sum)
    }

    /// Adds a row of another matrix times a factor to one of this.
    package func add(_ factor: Float, times other: Matrix, row otherRow: Int, toRow row: Int) {
        precondition(row >= 0 && row < rows && otherRow >= 0 && otherRow < other.rows)
        precondition(columns == other.columns)
        for column in 0..<columns {
            unsafe start[row * stride + column] += factor * other.start[otherRow * other.stride + column]
        }
    }

    /// Makes one row equal to as many values times a factor.
    package func setRow(_ row: Int, to values: [Float], times factor: Float) {
        precondition(row >= 0 && row < rows && values.count == columns)
        for column in 0..<columns { unsafe start[row * stride + column] = factor * values[column] }
    }

    /// Makes one row equal to a row of another matrix.
    package func setRow(_ row: Int, to a: Matrix, _ aRow: Int) {
        precondition(row >= 0 && row < rows && aRow >= 0 && aRow < a.rows && a.columns == columns)
        unsafe (start + row * stride).update(from: a.start + aRow * a.stride, count: columns)
    }
}

/// Two sums for every channel, in float64: first of each group of records, then of the groups in their order.
@safe package struct ColumnSums: Sendable {
    private let matrix: Matrix
    private let width: Int

    /// Columns of the memory that sums of up to `width` channels need, a row for each record.
    package static func columns(width: Int) -> Int { 4 * width }

    /// In memory `[records, columns(width)]` or wider.
    package init(in matrix: Matrix, width: Int) {
        precondition(matrix.columns >= Self.columns(width: width) && matrix.stride.isMultiple(of: 2))
        self.matrix = matrix
        self.width = width
    }

    /// Both sums of a group of records, `[width]` behind each other, from 0.
    func cleared(_ group: Int) -> UnsafeMutablePointer<Double> {
        let sums = unsafe at(group)
        unsafe sums.update(repeating: 0, count: 2 * width)
        return unsafe sums
    }

    /// Adds the groups up; then the sums are in the first.
    func total(groups: Int) -> UnsafePointer<Double> {
        let first = unsafe at(0)
        for group in 1..<max(groups, 1) {
            let other = unsafe at(group)
            for column in 0..<2 * width { unsafe first[column] += other[column] }
        }
        return unsafe UnsafePointer(first)
    }

    private func at(_ group: Int) -> UnsafeMutablePointer<Double> {
        precondition(group < matrix.rows)
        return unsafe UnsafeMutableRawPointer(matrix.start + group * matrix.stride)
            .assumingMemoryBound(to: Double.self)
    }
}

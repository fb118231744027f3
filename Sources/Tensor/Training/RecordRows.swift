/// Activations of a batch: of each record a row for every position, with `padding` rows of zeros before and behind.
@safe package struct RecordRows: Sendable {
    package let matrix: Matrix
    package let records: Int
    /// Of each record, without the padding.
    package let positions: Int
    package let padding: Int

    /// Takes `[records * (positions + 2 * padding), channels]`.
    package init(_ matrix: Matrix, records: Int, padding: Int = 0) {
        precondition(records > 0 && padding >= 0 && matrix.rows.isMultiple(of: records))
        positions = matrix.rows / records - 2 * padding
        precondition(positions > 0)
        self.matrix = matrix
        self.records = records
        self.padding = padding
    }

    /// Positions of all records.
    package var rows: Int { records * positions }

    /// Floats from one record to the next.
    var pitch: Int { (positions + 2 * padding) * matrix.stride }

    /// A record's first row, or its first row of zeros.
    func start(_ record: Int, padded: Bool = false) -> UnsafeMutablePointer<Float> {
        precondition(record >= 0 && record < records)
        return unsafe matrix.start + record * pitch + (padded ? 0 : padding * matrix.stride)
    }

    /// The rows of one record.
    package func record(_ record: Int) -> Matrix {
        let first = record * (positions + 2 * padding) + padding
        return matrix.rows(first..<first + positions)
    }

    /// Zeros around one record.
    package func clearPadding(_ record: Int) {
        let first = record * (positions + 2 * padding)
        matrix.clear(first..<first + padding)
        matrix.clear(first + padding + positions..<first + 2 * padding + positions)
    }

    func isLike(_ other: RecordRows) -> Bool {
        records == other.records && positions == other.positions
            && matrix.columns == other.matrix.columns && matrix.stride == other.matrix.stride
    }
}

/// The batch in parts of whole records, which threads take one by one: as few records as have enough rows to fill the
/// kernels' tiles. The parts depend on the shape alone, so that sums over them have one order.
struct RecordGroups: Sendable {
    private static let leastRows = 288

    let records: Int
    let each: Int

    init(records: Int, positions: Int) {
        self.records = records
        each = (Self.leastRows + positions - 1) / positions
    }

    var count: Int { (records + each - 1) / each }

    subscript(group: Int) -> Range<Int> { group * each..<min(records, (group + 1) * each) }
}

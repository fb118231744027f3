private import Bytes
import ECG

/// The numbers below a table's header, row by row.
struct CSVNumbers {
    let columnCount: Int
    private(set) var rowCount = 0
    /// `[rows, columns]`, row-major; NaN where a cell is empty.
    private(set) var values: [Double] = []
    /// Line of the first row.
    let firstLine: Int

    /// Throws: ``FormatError`` naming line and column of the first cell that is no number, of a row that is
    /// too short or too long, or the limit.
    init(_ bytes: [UInt8], head: CSVHead) throws(FormatError) {
        columnCount = head.columnCount
        firstLine = head.line
        var cursor = CSVCursor(bytes, from: head.offset, delimiter: head.delimiter)
        cursor.readsClock = head.beginsWithTime
        values.reserveCapacity(min(bytes.count / 2, 1 << 17))
        while !cursor.isAtEnd {
            guard !cursor.skipBlankLines(to: bytes.count) else { break }
            let line = firstLine + rowCount
            guard rowCount < Recording.maximumSamples else {
                throw FormatError(
                    .limitExceeded, place: .line(line, column: nil),
                    detail: "more than \(Recording.maximumSamples) samples")
            }
            try cursor.readRow(of: columnCount, line: line, into: &values)
            rowCount += 1
        }
        guard rowCount > 0 else {
            throw FormatError(.malformed, place: .line(firstLine, column: nil), detail: "no samples follow")
        }
    }

    /// One column from top to bottom.
    func column(_ index: Int) -> [Double] {
        var column = [Double]()
        column.reserveCapacity(rowCount)
        for row in 0..<rowCount { column.append(values[row * columnCount + index]) }
        return column
    }
}

/// Walks over the cells. The bytes end with a line end that may not be in the file.
private struct CSVCursor {
    private let bytes: [UInt8]
    private let delimiter: UInt8
    private let decimalMark: UInt8
    private var index: Int
    /// Whether the first cell of a row may be a time as clocks show it: "0:59.998" for 59.998 s.
    var readsClock = false

    init(_ content: [UInt8], from start: Int, delimiter: UInt8) {
        bytes = content + [0x0A]
        index = start
        self.delimiter = delimiter
        let comma = UInt8(ascii: ",")
        let hasComma = delimiter != comma && content[start...].contains(comma)
        decimalMark = hasComma ? comma : UInt8(ascii: ".")
    }

    var isAtEnd: Bool { index >= bytes.count - 1 }

    /// Whether only blank lines are left. (Blank lines elsewhere are rows without cells.)
    func skipBlankLines(to end: Int) -> Bool {
        guard bytes[index] <= 0x20 else { return false }
        return bytes[index..<end].allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 }
    }

    /// Appends the numbers of one line.
    mutating func readRow(of count: Int, line: Int, into values: inout [Double]) throws(FormatError) {
        let start = index
        for column in 1...count {
            let value = readsClock && column == 1 ? readClock() : readCell()
            guard let value else {
                throw FormatError(
                    .malformed, place: .line(line, column: column),
                    detail: "the cell is no number, expected digits with '\(mark)' or nothing at all")
            }
            values.append(value)
            let isLast = column == count
            if isLast ? takeLineEnd() : take(delimiter) { continue }
            throw wrongEnd(from: start, line: line, column: column, expected: count)
        }
    }

    private var mark: Character { Character(Unicode.Scalar(decimalMark)) }

    /// The number of a cell, NaN when it is empty, nil when it is something else.
    @inline(__always)
    private mutating func readCell() -> Double? {
        skipSpaces()
        let isQuoted = take(UInt8(ascii: "\""))
        if isQuoted { skipSpaces() }
        var value = Double.nan
        let byte = bytes[index]
        let isEmpty = byte == delimiter || byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: "\"")
        if !isEmpty || isQuoted && byte == delimiter {
            guard
                let number = DecimalScanner.scan(
                    bytes, at: &index, grammar: .table, decimalMark: decimalMark)
            else { return nil }
            value = number
        }
        skipSpaces()
        if isQuoted {
            guard take(UInt8(ascii: "\"")) else { return nil }
            skipSpaces()
        }
        let next = bytes[index]
        return next == delimiter || next == 0x0A || next == 0x0D ? value : nil
    }

    /// Seconds of hours, minutes and seconds between colons, or a number, perhaps in quotation marks of one kind.
    private mutating func readClock() -> Double? {
        let start = index
        skipSpaces()
        let isQuoted = take(UInt8(ascii: "'"))
        var seconds = 0.0
        for part in 0..<3 {
            skipSpaces()
            guard
                let number = DecimalScanner.scan(bytes, at: &index, grammar: .table, decimalMark: decimalMark)
            else { break }
            seconds = 60 * seconds + number
            guard take(UInt8(ascii: ":")) else {
                skipSpaces()
                guard part > 0 || isQuoted, !isQuoted || take(UInt8(ascii: "'")) else { break }
                skipSpaces()
                return bytes[index] == delimiter ? seconds : nil
            }
        }
        index = start
        return readCell()
    }

    @inline(__always)
    private mutating func skipSpaces() { while bytes[index] == 0x20 { index += 1 } }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// A line feed, or a carriage return and a line feed.
    @inline(__always)
    private mutating func takeLineEnd() -> Bool {
        if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
        return take(0x0A)
    }

    private func wrongEnd(from start: Int, line: Int, column: Int, expected: Int) -> FormatError {
        let cells = 1 + bytes[start...].prefix { $0 != 0x0A }.count { $0 == delimiter }
        return FormatError(
            .malformed, place: .line(line, column: column),
            detail: "the line has \(cells) cells, expected \(expected)")
    }
}

private import Bytes
import ECG

/// The lines in front of the samples: comments that state rate and units, and the header line.
struct CSVHead {
    let comments: CSVComments
    /// Labels of the header line; nil when the first line holds numbers already.
    let labels: [String]?
    let delimiter: UInt8
    /// Cells of the first line that is no comment.
    let columnCount: Int
    /// Where the samples begin.
    let offset: Int
    let line: Int
    let headerLine: Int

    /// Longer than the labels of 64 leads can be.
    private static let maximumLineBytes = 8_192
    private static let maximumComments = 1_000
    /// Where a table is recognised: room for the comments in front of it.
    private static let searchedBytes = 1 << 16

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        var offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 1
        var comments = CSVComments()
        var first = try Self.line(of: bytes, at: offset, number: line)
        while Self.isInFront(first.text) {
            try comments.read(first.text.trimmed, line: line)
            guard line < Self.maximumComments else {
                throw FormatError(
                    .limitExceeded, place: .line(line, column: nil),
                    detail: "more than \(Self.maximumComments) lines of comments")
            }
            guard first.end < bytes.count else {
                throw FormatError(
                    .malformed, place: .line(line, column: nil), detail: "no line of a table follows")
            }
            offset = first.end
            line += 1
            first = try Self.line(of: bytes, at: offset, number: line)
        }
        let delimiter = try Self.delimiter(of: first.text, line: line)
        let cells = try Self.cells(of: first.text, delimiter, line: line)
        let isHeader = !cells.allSatisfy { Self.isNumber($0, delimiter) }
        self.comments = comments
        self.delimiter = delimiter
        columnCount = cells.count
        headerLine = line
        guard isHeader else {
            (labels, self.offset, self.line) = (nil, offset, line)
            return
        }
        let next = try? Self.line(of: bytes, at: first.end, number: line + 1)
        let units = try next.flatMap { next throws(FormatError) in
            try Self.units(Self.cells(of: next.text, delimiter, line: line + 1), for: cells)
        }
        labels = units ?? cells
        self.offset = units == nil ? first.end : next?.end ?? first.end
        self.line = units == nil ? line + 1 : line + 2
    }

    /// Whether the first column is one of times.
    var beginsWithTime: Bool { labels?.first.map(CSVColumn.isTime) ?? false }

    /// Whether a line stands in front of a table: blank, a comment, or what spreadsheets write, "sep=;".
    private static func isInFront(_ line: String) -> Bool {
        let text = line.trimmed
        return text.isEmpty || text.hasPrefix("#") || text.lowercased().hasPrefix("sep=")
    }

    /// Labels with the units of a line below the header, as rdsamp of WFDB writes it; nil when it is no such line.
    private static func units(_ units: [String], for labels: [String]) -> [String]? {
        guard units.count == labels.count, !units.allSatisfy(\.isEmpty) else { return nil }
        var joined: [String] = []
        for (label, unit) in zip(labels, units) {
            guard unit.isEmpty || CSVColumn.isUnit(unit), !label.hasSuffix("]") else { return nil }
            joined.append(unit.isEmpty ? label : "\(label) [\(unit)]")
        }
        return joined
    }

    /// Whether a first line could be that of a table of leads.
    static func recognises(_ file: [UInt8]) -> Bool {
        guard case .text = ContentKind(file) else { return false }
        let bytes = CSVText.normalised(Array(file.prefix(searchedBytes)))
        var rest = bytes[...].dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        while let first = rest.first {
            let line = rest.prefix { $0 != 0x0A }
            rest = rest[line.endIndex...].dropFirst()
            guard first != UInt8(ascii: "#"), line.contains(where: { $0 > 0x20 }) else { continue }
            let text = String(decoding: line.prefix(maximumLineBytes), as: UTF8.self)
            guard !isInFront(text) else { continue }
            guard let delimiter = try? delimiter(of: text, line: 1) else { return false }
            let cells = text.split(
                separator: Character(Unicode.Scalar(delimiter)), omittingEmptySubsequences: false
            ).map { unquoted($0) }
            return cells.count >= 8 || cells.contains(where: CSVColumn.recognises)
                || cells.count > 1 && cells.allSatisfy { isNumber($0, delimiter) }
        }
        return false
    }

    private static func unquoted(_ cell: Substring) -> String {
        let text = cell.trimmed
        let isQuoted = ["\"", "'"].contains { text.count > 1 && text.hasPrefix($0) && text.hasSuffix($0) }
        return isQuoted ? String(text.dropFirst().dropLast()) : text
    }

    /// A line and the offset of the next one.
    private static func line(
        of bytes: [UInt8], at offset: Int, number: Int
    ) throws(FormatError) -> (text: String, end: Int) {
        let rest = bytes[offset...]
        let content = rest.prefix(maximumLineBytes + 1).prefix { $0 != 0x0A }
        guard content.count <= maximumLineBytes else {
            throw FormatError(
                .limitExceeded, place: .line(number, column: nil),
                detail: "the line is longer than \(maximumLineBytes) bytes")
        }
        let trimmed = content.last == 0x0D ? content.dropLast() : content
        guard let text = String(validating: trimmed, as: UTF8.self) else {
            throw FormatError(
                .unsupportedEncoding, place: .line(number, column: nil), detail: "not UTF-8, save it as UTF-8"
            )
        }
        return (text, min(content.endIndex + 1, bytes.count))
    }

    /// The one kind of delimiter on the line; commas beside semicolons or tabs are decimal marks.
    private static func delimiter(of line: String, line number: Int) throws(FormatError) -> UInt8 {
        var isQuoted = false
        var found: Set<UInt8> = []
        for byte in line.utf8 {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if !isQuoted { found.insert(byte) }
        }
        switch (found.contains(0x09), found.contains(UInt8(ascii: ";")), found.contains(UInt8(ascii: ","))) {
        case (true, false, _): return 0x09
        case (false, true, _): return UInt8(ascii: ";")
        case (false, false, true): return UInt8(ascii: ",")
        case (true, true, _), (false, false, false):
            throw FormatError(
                .malformed, place: .line(number, column: nil),
                detail: "expected cells between commas, semicolons or tabs, one of them throughout")
        }
    }

    /// Splits by RFC 4180: a quoted cell may hold delimiters, and doubled quotation marks.
    private static func cells(
        of line: String, _ delimiter: UInt8, line number: Int
    ) throws(FormatError) -> [String] {
        let separator = Character(Unicode.Scalar(delimiter))
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == separator, !isQuoted {
                cells.append(cell.trimmed)
                cell = ""
            } else {
                cell.append(character)
            }
        }
        guard !isQuoted else {
            throw FormatError(
                .malformed, place: .line(number, column: cells.count + 1),
                detail: "a quotation mark is not closed")
        }
        return (cells + [cell.trimmed]).map { unquoted($0[...]) }
    }

    private static func isNumber(_ cell: String, _ delimiter: UInt8) -> Bool {
        let bytes = Array(cell.utf8)
        guard !bytes.isEmpty else { return true }
        let marks =
            delimiter == UInt8(ascii: ",") ? [UInt8(ascii: ".")] : [UInt8(ascii: "."), UInt8(ascii: ",")]
        return marks.contains { mark in
            var index = 0
            let value = DecimalScanner.scan(bytes, at: &index, grammar: .table, decimalMark: mark)
            return value != nil && index == bytes.count
        }
    }
}

/// The rows of a CSV file (RFC 4180): fields, and the line of the file that each row begins in.
///
/// Fields may be quoted and then hold commas, line ends and doubled quotes. Lines end with LF or CRLF; empty
/// lines between rows are skipped; a byte order mark, as spreadsheets write it, is dropped.
struct CohortTable {
    struct Row {
        /// From 1, as an editor shows it.
        let line: Int
        let fields: [String]
    }

    let rows: [Row]

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8]) throws(CohortError) {
        var reader = Reader(bytes: bytes)
        var rows: [Row] = []
        while let row = try reader.row() { rows.append(row) }
        self.rows = rows
    }

    private struct Reader {
        let bytes: [UInt8]
        var index: Int
        var line = 1

        init(bytes: [UInt8]) {
            self.bytes = bytes
            index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        }

        /// The next row that is not an empty line; nil at the end.
        mutating func row() throws(CohortError) -> Row? {
            while index < bytes.count, takeLineEnd() {}
            guard index < bytes.count else { return nil }
            let start = line
            var fields = [try field()]
            while index < bytes.count {
                if bytes[index] == CohortTable.comma {
                    index += 1
                    fields.append(try field())
                } else if takeLineEnd() {
                    break
                } else {
                    throw CohortError(line, .malformed("text behind a closing quotation mark"))
                }
            }
            return Row(line: start, fields: fields)
        }

        private mutating func field() throws(CohortError) -> String {
            let start = line
            let content =
                index < bytes.count && bytes[index] == CohortTable.quote ? try quoted() : try plain()
            guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
                throw CohortError(start, .malformed("bytes that are not UTF-8 text"))
            }
            return text
        }

        private mutating func plain() throws(CohortError) -> [UInt8] {
            let start = index
            while index < bytes.count, bytes[index] != CohortTable.comma, !isLineEnd {
                guard bytes[index] != CohortTable.quote else {
                    throw CohortError(line, .malformed("a quotation mark inside a field that is not quoted"))
                }
                index += 1
            }
            return Array(bytes[start..<index])
        }

        private mutating func quoted() throws(CohortError) -> [UInt8] {
            let start = line
            var content: [UInt8] = []
            index += 1
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == CohortTable.quote {
                    guard index < bytes.count, bytes[index] == CohortTable.quote else { return content }
                    index += 1
                }
                if byte == CohortTable.lineFeed { line += 1 }
                content.append(byte)
            }
            throw CohortError(start, .malformed("a quotation mark that is never closed"))
        }

        private var isLineEnd: Bool {
            bytes[index] == CohortTable.lineFeed
                || bytes[index] == CohortTable.carriageReturn && index + 1 < bytes.count
                    && bytes[index + 1] == CohortTable.lineFeed
        }

        private mutating func takeLineEnd() -> Bool {
            guard isLineEnd else { return false }
            index += bytes[index] == CohortTable.lineFeed ? 1 : 2
            line += 1
            return true
        }
    }
}

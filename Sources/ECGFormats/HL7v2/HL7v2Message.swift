/// An HL7 version 2 message in segments and fields (HL7 2.6 chapter 2.5).
struct HL7v2Message {
    struct Segment {
        let fields: [Substring]
        /// Counted from 1.
        let number: Int
        let componentSeparator: Character

        var name: Substring { fields.first ?? "" }

        /// Fields count from 1, as the standard does; "" for one that is not there.
        func field(_ index: Int) -> String { fields.indices.contains(index) ? String(fields[index]) : "" }

        func components(_ index: Int) -> [Substring] {
            guard fields.indices.contains(index) else { return [] }
            return fields[index].split(separator: componentSeparator, omittingEmptySubsequences: false)
        }

        func place(_ field: Int) -> FormatError.Place { .field("\(name)-\(field) of segment \(number)") }
    }

    private static let maximumSegments = 10_000

    let all: [Segment]

    func segments(_ name: String) -> [Segment] { all.filter { $0.name == name } }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let text = String(decoding: bytes.drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self)
        let lines = text.split { $0 == "\r" || $0 == "\n" || $0 == "\r\n" || $0 == "\u{1C}" }
        guard lines.count <= Self.maximumSegments else {
            throw FormatError(.limitExceeded, detail: "more than \(Self.maximumSegments) segments")
        }
        let head = Array(text.prefix(8))
        guard head.count == 8, text.hasPrefix("MSH"), head[3] != head[4] else {
            throw FormatError(
                .malformed, place: .byteOffset(0), detail: "expected an MSH segment with its separators")
        }
        all = lines.enumerated().map { index, line in
            Segment(
                fields: line.split(separator: head[3], omittingEmptySubsequences: false), number: index + 1,
                componentSeparator: head[4])
        }
    }
}

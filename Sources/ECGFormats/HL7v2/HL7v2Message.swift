/// An HL7 version 2 message in segments and fields (HL7 2.6 chapter 2.5).
///
/// Split byte by byte: separators are ASCII, and a wave's field has thousands of them.
struct HL7v2Message {
    struct Segment {
        let fields: [Substring]
        /// Counted from 1.
        let number: Int
        let componentSeparator: UInt8

        var name: Substring { fields.first ?? "" }

        /// Fields count from 1, as the standard does; "" for one that is not there.
        func field(_ index: Int) -> String { fields.indices.contains(index) ? String(fields[index]) : "" }

        func components(_ index: Int) -> [Substring] {
            guard fields.indices.contains(index) else { return [] }
            return HL7v2Message.split(fields[index], at: componentSeparator)
        }

        func place(_ field: Int) -> FormatError.Place { .field("\(name)-\(field) of segment \(number)") }
    }

    private static let maximumSegments = 10_000

    let all: [Segment]

    func segments(_ name: String) -> [Segment] { all.filter { $0.name == name } }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let text = String(decoding: bytes.drop { $0 <= 0x20 || $0 >= 0x80 }, as: UTF8.self)
        // CR ends a segment; LF and the end of a block of MLLP are taken too.
        let lines = text.utf8.split { $0 == 0x0D || $0 == 0x0A || $0 == 0x1C }
        guard lines.count <= Self.maximumSegments else {
            throw FormatError(.limitExceeded, detail: "more than \(Self.maximumSegments) segments")
        }
        let head = Array(text.utf8.prefix(8))
        guard head.count == 8, text.hasPrefix("MSH"), head[3] != head[4], head[3] < 0x80, head[4] < 0x80
        else {
            throw FormatError(
                .malformed, place: .byteOffset(0), detail: "expected an MSH segment with its separators")
        }
        all = lines.enumerated().map { index, line in
            Segment(
                fields: Self.split(Substring(line), at: head[3]), number: index + 1,
                componentSeparator: head[4])
        }
    }

    private static func split(_ text: Substring, at separator: UInt8) -> [Substring] {
        text.utf8.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }
}

/// An HL7 version 2 message in segments and fields (HL7 2.6 chapter 2.5).
///
/// Split byte by byte: separators are ASCII, and a wave's field has thousands of them.
struct HL7v2Message {
    /// The two separators that a header segment states, in its fourth and fifth byte.
    struct Separators {
        let field: UInt8
        let component: UInt8

        /// Nil where a line does not begin with the name of a header segment and two separators.
        init?(_ line: Substring.UTF8View) {
            let head = Array(line.prefix(5))
            guard head.count == 5, head[3] != head[4], head[3] < 0x80, head[4] < 0x80 else { return nil }
            (field, component) = (head[3], head[4])
        }
    }

    struct Segment {
        let fields: [Substring]
        /// Counted from 1, in the file.
        let number: Int
        let componentSeparator: UInt8

        init(_ line: Substring.UTF8View, number: Int, _ separators: Separators) {
            fields = HL7v2Message.split(Substring(line), at: separators.field)
            self.number = number
            componentSeparator = separators.component
        }

        var name: Substring { fields.first ?? "" }

        /// Fields count from 1, as the standard does; "" for one that is not there.
        func field(_ index: Int) -> String { fields.indices.contains(index) ? String(fields[index]) : "" }

        func components(_ index: Int) -> [Substring] {
            guard fields.indices.contains(index) else { return [] }
            return HL7v2Message.split(fields[index], at: componentSeparator)
        }

        func place(_ field: Int) -> FormatError.Place { .field("\(name)-\(field) of segment \(number)") }
    }

    let all: [Segment]

    func segments(_ name: String) -> [Segment] { all.filter { $0.name == name } }

    /// Whether there is an observation that can be an ECG: samples (NA) or a file (ED).
    var mayHoldECG: Bool { segments("OBX").contains { ["NA", "ED"].contains($0.field(2)) } }

    private static func split(_ text: Substring, at separator: UInt8) -> [Substring] {
        text.utf8.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }
}

/// A JSON text to be written: members keep the order they were given in.
///
/// Literals build it: `["probability": 0.25, "leads": ["I", "II"], "device": nil]`.
package enum JSONDocument: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Written as the shortest decimal that reads back as the same Double.
    case number(Double)
    /// Written as the shortest decimal that reads back as the same Float.
    case float(Float)
    case text(String)
    case array([JSONDocument])
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONDocument

        package init(_ name: String, _ value: JSONDocument) {
            self.name = name
            self.value = value
        }
    }

    /// An array of strings.
    package static func texts(_ values: some Sequence<String>) -> JSONDocument {
        .array(values.map { .text($0) })
    }

    /// The value if there is one, else `null`.
    package static func optional(_ value: String?) -> JSONDocument { value.map { .text($0) } ?? .null }

    /// The number if there is one, else `null`.
    package static func optional(number value: Double?) -> JSONDocument { value.map { .number($0) } ?? .null }

    /// A number rounded to `digits` decimals, for figures whose further digits say nothing.
    package static func rounded(_ value: Double, digits: Int) -> JSONDocument {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return .number((value * scale).rounded() / scale)
    }

    /// The text, on one line or indented by two blanks a level.
    package func serialised(pretty: Bool = false) -> String {
        var writer = JSONTextWriter(pretty: pretty)
        writer.write(self, depth: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The indented text with a line feed at its end: a body that people read with curl, too.
    package var body: [UInt8] {
        var writer = JSONTextWriter(pretty: true)
        writer.write(self, depth: 0)
        return writer.bytes + [0x0A]
    }

    /// The bytes of the one-line text.
    package var bytes: [UInt8] {
        var writer = JSONTextWriter(pretty: false)
        writer.write(self, depth: 0)
        return writer.bytes
    }
}

extension JSONDocument: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, JSONDocument)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
    package init(arrayLiteral elements: JSONDocument...) { self = .array(elements) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}

/// Writes RFC 8259 text.
private struct JSONTextWriter {
    let pretty: Bool
    private(set) var bytes: [UInt8] = []

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSONDocument, depth: Int) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += value.description.utf8
        case .number(let value): writeNumber(value.description, isFinite: value.isFinite)
        case .float(let value): writeNumber(value.description, isFinite: value.isFinite)
        case .text(let value): writeText(value)
        case .array(let elements):
            writeList(elements.count, depth, open: "[", close: "]", inline: elements.allSatisfy(\.isScalar)) {
                $0.write(elements[$1], depth: depth + 1)
            }
        case .object(let members):
            writeList(members.count, depth, open: "{", close: "}", inline: false) {
                $0.writeText(members[$1].name)
                $0.bytes += ($0.pretty ? ": " : ":").utf8
                $0.write(members[$1].value, depth: depth + 1)
            }
        }
    }

    /// JSON has no infinities: what is not a number becomes null.
    private mutating func writeNumber(_ text: String, isFinite: Bool) {
        guard isFinite else { return bytes += "null".utf8 }
        bytes += (text.hasSuffix(".0") ? text.dropLast(2) : text[...]).utf8
    }

    private mutating func writeList(
        _ count: Int, _ depth: Int, open: String, close: String, inline: Bool,
        element: (inout JSONTextWriter, Int) -> Void
    ) {
        let breaks = pretty && count > 0 && !inline
        bytes += open.utf8
        for index in 0..<count {
            if index > 0 { bytes += (pretty && inline ? ", " : ",").utf8 }
            if breaks { newLine(depth + 1) }
            element(&self, index)
        }
        if breaks { newLine(depth) }
        bytes += close.utf8
    }

    private mutating func newLine(_ depth: Int) {
        bytes.append(10)
        bytes += repeatElement(32, count: 2 * depth)
    }

    private mutating func writeText(_ text: String) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += [0x5C, 0x6E]
            case 0..<0x20: bytes += [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}

extension JSONDocument {
    fileprivate var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}

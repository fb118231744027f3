extension JSONValue {
    /// Reads one JSON text strictly: RFC 8259 and nothing more, no byte order mark, every key once.
    ///
    /// Throws: ``JSONError`` at the first byte that is wrong.
    package static func parse(
        _ bytes: ArraySlice<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, limits: limits)
        return try parser.text()
    }

    /// Reads one JSON text strictly.
    ///
    /// Throws: ``JSONError`` at the first byte that is wrong.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONValue {
        try parse(bytes[...], limits: limits)
    }
}

/// Recursive descent over the bytes, which end with a zero that no JSON text contains: looking at the byte
/// under the cursor is always possible.
private struct JSONParser {
    let bytes: [UInt8]
    let end: Int
    let limits: JSONLimits
    var index = 0
    var depth = 0
    var values = 0
    var members = 0
    /// Of the flat array of numbers before.
    private var lastCount = 0

    init(_ text: ArraySlice<UInt8>, limits: JSONLimits) {
        var bytes = [UInt8]()
        bytes.reserveCapacity(text.count + 1)
        bytes.append(contentsOf: text)
        bytes.append(0)
        self.bytes = bytes
        self.end = text.count
        self.limits = limits
    }

    mutating func text() throws(JSONError) -> JSONValue {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw JSONError(reason: .encoding, offset: 0, expected: "a value", found: "a byte order mark")
        }
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard index == end else { throw unexpected("the end of the text") }
        return value
    }

    mutating func value() throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw overLimit("at most \(limits.values) values") }
        switch bytes[index] {
        case UInt8(ascii: "{"): return .object(try nested { parser throws(JSONError) in try parser.object() })
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func nested<Value>(
        _ body: (inout JSONParser) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        guard depth < limits.depth else { throw overLimit("nesting of at most \(limits.depth) levels") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        var object = JSONObject()
        index += 1
        skipBlanks()
        if take(UInt8(ascii: "}")) { return object }
        while true {
            skipBlanks()
            let keyOffset = index
            members += 1
            guard members <= limits.members else { throw overLimit("at most \(limits.members) members") }
            guard bytes[index] == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try string()
            guard !object.contains(key) else {
                throw JSONError(
                    reason: .duplicateKey, offset: keyOffset, expected: "a key that is new in this object",
                    found: "one that was there before")
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipBlanks()
            object.append(key, try value())
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
            return object
        }
    }

    /// An array, read as flat numbers for as long as there is nothing else in it.
    private mutating func array() throws(JSONError) -> JSONValue {
        index += 1
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        var numbers: [Double] = []
        // The leads of an ECG are equally long: as much room as the one before took, if so many numbers can follow.
        numbers.reserveCapacity(min(lastCount, (end - index) / 2))
        defer { lastCount = numbers.count }
        while startsNumber(bytes[index]) {
            numbers.append(try number())
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .numbers(numbers) }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
            skipBlanks()
        }
        values += numbers.count
        var elements = numbers.map { JSONValue.number($0) }
        while true {
            elements.append(try value())
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
            skipBlanks()
        }
    }

    private mutating func number() throws(JSONError) -> Double {
        let start = index
        guard let value = DecimalScanner.scan(bytes, at: &index) else { throw unexpected("a digit") }
        guard value.isFinite else {
            throw JSONError(
                reason: .numberRange, offset: start, expected: "a number that a double holds",
                found: "one beyond 1.8e308")
        }
        return value
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for expected in "\(word)".utf8 {
            guard bytes[index] == expected else { throw unexpected("'\(word)'") }
            index += 1
        }
        return value
    }

    @inline(__always)
    private mutating func skipBlanks() {
        while bytes[index] <= 0x20, isBlank(bytes[index]) { index &+= 1 }
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    @inline(__always)
    private func startsNumber(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte == UInt8(ascii: "-") }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    private func unexpected(_ expected: String) -> JSONError {
        JSONError(
            reason: index < end ? .syntax : .truncated, offset: index, expected: expected, found: found)
    }

    private func overLimit(_ expected: String) -> JSONError {
        JSONError(reason: .limit, offset: index, expected: expected, found: "more")
    }

    private var found: String {
        guard index < end else { return "the end of the text" }
        let byte = bytes[index]
        return (0x21...0x7E).contains(byte)
            ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
}

// Strings (RFC 8259 section 7).
extension JSONParser {
    /// The string that starts at the quotation mark under the cursor.
    fileprivate mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        while isPlain(bytes[index]) { index += 1 }
        if bytes[index] == UInt8(ascii: "\"") {
            index += 1
            return try decoded(bytes[start..<index - 1], at: start)
        }
        var text = Array(bytes[start..<index])
        while true {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return try decoded(text[...], at: start)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw unexpected("'\"' or a character that is no control character")
            default:
                text.append(bytes[index])
                index += 1
            }
        }
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private func decoded(_ text: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(
                reason: .encoding, offset: offset, expected: "a string in UTF-8", found: "other bytes")
        }
        return string
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        index += 1
        let letter = bytes[index]
        guard letter != UInt8(ascii: "u") else { return try unicodeEscape() }
        guard let scalar = Self.shortEscapes[letter] else {
            throw unexpected("an escape: \" \\ / b f n r t u")
        }
        index += 1
        return scalar
    }

    private static let shortEscapes: [UInt8: Unicode.Scalar] = [
        0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
    ]

    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let offset = index - 1
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let lone = JSONError(
            reason: .encoding, offset: offset, expected: "a pair of surrogates", found: "half of one")
        guard first < 0xDC00, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { throw lone }
        index += 1
        let second = try fourDigits()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw lone }
        return scalar
    }

    /// The value of the four hexadecimal digits behind the "u" under the cursor.
    private mutating func fourDigits() throws(JSONError) -> UInt32 {
        index += 1
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw unexpected("a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}

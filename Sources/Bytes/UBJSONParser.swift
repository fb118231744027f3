extension JSONValue {
    /// Reads Universal Binary JSON (https://ubjson.org, draft 12) as XGBoost writes it: big-endian, counted and typed
    /// arrays, objects without a count.
    ///
    /// Throws: ``JSONError`` with the byte offset of what is wrong; a count is checked against the bytes that are there
    /// before anything is allocated for it.
    package static func parse(ubjson bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError)
        -> JSONValue
    {
        var parser = UBJSONParser(reader: ByteReader(bytes), limits: limits)
        let value = try parser.value(depth: 0)
        guard parser.reader.remaining == 0 else {
            throw parser.wrong(.syntax, expected: "the end", found: "\(parser.reader.remaining) bytes more")
        }
        return value
    }
}

/// One pass over a UBJSON text.
private struct UBJSONParser {
    var reader: ByteReader
    let limits: JSONLimits
    private var values = 0
    private var members = 0

    init(reader: ByteReader, limits: JSONLimits) {
        self.reader = reader
        self.limits = limits
    }

    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        try value(of: marker(), depth: depth)
    }

    private mutating func value(of marker: UInt8, depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else {
            throw wrong(.limit, expected: "at most \(limits.values) values", found: "more")
        }
        switch marker {
        case UInt8(ascii: "Z"): return .null
        case UInt8(ascii: "T"): return .bool(true)
        case UInt8(ascii: "F"): return .bool(false)
        case UInt8(ascii: "S"): return .string(try text())
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        default:
            guard let kind = Number(rawValue: marker) else {
                throw wrong(.syntax, expected: "a value's marker", found: "byte \(marker)")
            }
            return .number(try number(kind))
        }
    }

    /// Markers of numbers.
    private enum Number: UInt8 {
        case int8 = 0x69
        case uint8 = 0x55
        case int16 = 0x49
        case int32 = 0x6C
        case int64 = 0x4C
        case float32 = 0x64
        case float64 = 0x44

        var width: Int {
            switch self {
            case .int8, .uint8: 1
            case .int16: 2
            case .int32, .float32: 4
            case .int64, .float64: 8
            }
        }
    }

    private mutating func number(_ kind: Number) throws(JSONError) -> Double {
        var bits: UInt64 = 0
        for byte in try take(kind.width) { bits = bits << 8 | UInt64(byte) }
        switch kind {
        case .int8: return Double(Int8(truncatingIfNeeded: bits))
        case .uint8: return Double(bits)
        case .int16: return Double(Int16(truncatingIfNeeded: bits))
        case .int32: return Double(Int32(truncatingIfNeeded: bits))
        case .int64: return Double(Int64(bitPattern: bits))
        case .float32: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: return Double(bitPattern: bits)
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        try check(depth)
        if try skip("$") {
            let marker = try marker()
            guard let kind = Number(rawValue: marker) else {
                throw wrong(.syntax, expected: "a type of numbers", found: "byte \(marker)")
            }
            guard try skip("#") else {
                throw wrong(.syntax, expected: "a count behind the type", found: "none")
            }
            let count = try count(width: kind.width)
            var numbers: [Double] = []
            numbers.reserveCapacity(count)
            for _ in 0..<count { numbers.append(try number(kind)) }
            return numbers.isEmpty ? .array([]) : .numbers(numbers)
        }
        var elements: [JSONValue] = []
        if try skip("#") {
            for _ in 0..<(try count(width: 1)) { elements.append(try value(depth: depth)) }
        } else {
            while !(try skip("]")) { elements.append(try value(depth: depth)) }
        }
        let numbers = elements.compactMap(\.double)
        return !numbers.isEmpty && numbers.count == elements.count ? .numbers(numbers) : .array(elements)
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try check(depth)
        var object = JSONObject()
        while !(try skip("}")) {
            let key = try text()
            members += 1
            guard members <= limits.members else {
                throw wrong(.limit, expected: "at most \(limits.members) members", found: "more")
            }
            guard !object.contains(key) else {
                throw wrong(.duplicateKey, expected: "every key once", found: "one twice")
            }
            object.append(key, try value(depth: depth))
        }
        return object
    }

    /// A length and as many bytes of UTF-8.
    private mutating func text() throws(JSONError) -> String {
        let bytes = try take(count(width: 1))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw wrong(.encoding, expected: "UTF-8", found: "other bytes")
        }
        return text
    }

    /// A count of things that take at least `width` bytes each.
    private mutating func count(width: Int) throws(JSONError) -> Int {
        let marker = try marker()
        guard let kind = Number(rawValue: marker), kind != .float32, kind != .float64 else {
            throw wrong(.syntax, expected: "a count", found: "byte \(marker)")
        }
        let count = try number(kind)
        guard count >= 0, count <= Double(reader.remaining / width) else {
            throw wrong(.truncated, expected: "at most \(reader.remaining / width) more", found: "\(count)")
        }
        return Int(count)
    }

    private func check(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depth else {
            throw wrong(.limit, expected: "at most \(limits.depth) levels", found: "more")
        }
    }

    private mutating func marker() throws(JSONError) -> UInt8 {
        // "N" stands for nothing.
        while true {
            let marker = try take(1).first ?? 0
            if marker != UInt8(ascii: "N") { return marker }
        }
    }

    /// Whether the next byte is that one, which is then consumed.
    private mutating func skip(_ marker: Unicode.Scalar) throws(JSONError) -> Bool {
        var next = reader
        let byte = try take(1).first
        if byte == UInt8(ascii: marker) { return true }
        swap(&reader, &next)
        return false
    }

    private mutating func take(_ count: Int) throws(JSONError) -> ArraySlice<UInt8> {
        do throws(ByteError) { return try reader.take(count, for: "UBJSON") } catch {
            throw wrong(.truncated, expected: "\(count) bytes", found: "\(reader.remaining)")
        }
    }

    func wrong(_ reason: JSONError.Reason, expected: String, found: String) -> JSONError {
        JSONError(reason: reason, offset: reader.offset, expected: expected, found: found)
    }
}

/// A field name: a token, compared without regard to case (RFC 9110 §5.1).
package struct HTTPFieldName: Sendable, Hashable, CustomStringConvertible {
    /// As it was written, and as it is sent.
    package let spelling: String
    /// In lower case, which decides equality.
    package let canonical: String

    package var description: String { spelling }

    /// nil when `spelling` is not a token (RFC 9110 §5.6.2).
    package init?(_ spelling: String) {
        guard !spelling.isEmpty, spelling.utf8.allSatisfy(ByteSet.token.contains) else { return nil }
        self.init(known: spelling)
    }

    init(known spelling: String) {
        self.spelling = spelling
        canonical = spelling.lowercased()
    }

    package static func == (left: HTTPFieldName, right: HTTPFieldName) -> Bool {
        left.canonical == right.canonical
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }

    package static let accept = HTTPFieldName(known: "Accept")
    package static let acceptEncoding = HTTPFieldName(known: "Accept-Encoding")
    package static let allow = HTTPFieldName(known: "Allow")
    package static let authorization = HTTPFieldName(known: "Authorization")
    package static let cacheControl = HTTPFieldName(known: "Cache-Control")
    package static let connection = HTTPFieldName(known: "Connection")
    package static let contentEncoding = HTTPFieldName(known: "Content-Encoding")
    package static let contentLength = HTTPFieldName(known: "Content-Length")
    package static let contentType = HTTPFieldName(known: "Content-Type")
    package static let date = HTTPFieldName(known: "Date")
    package static let etag = HTTPFieldName(known: "ETag")
    package static let expect = HTTPFieldName(known: "Expect")
    package static let host = HTTPFieldName(known: "Host")
    package static let idempotencyKey = HTTPFieldName(known: "Idempotency-Key")
    package static let ifMatch = HTTPFieldName(known: "If-Match")
    package static let ifNoneMatch = HTTPFieldName(known: "If-None-Match")
    package static let prefer = HTTPFieldName(known: "Prefer")
    package static let preferenceApplied = HTTPFieldName(known: "Preference-Applied")
    package static let retryAfter = HTTPFieldName(known: "Retry-After")
    package static let server = HTTPFieldName(known: "Server")
    package static let strictTransportSecurity = HTTPFieldName(known: "Strict-Transport-Security")
    package static let traceParent = HTTPFieldName(known: "traceparent")
    package static let transferEncoding = HTTPFieldName(known: "Transfer-Encoding")
    package static let vary = HTTPFieldName(known: "Vary")
    package static let contentTypeOptions = HTTPFieldName(known: "X-Content-Type-Options")
    package static let requestID = HTTPFieldName(known: "X-Request-Id")
}

/// One field line. Neither an illegal name nor an illegal value can be built (RFC 9110 §5.1, §5.5).
package struct HTTPField: Sendable, Equatable {
    package let name: HTTPFieldName
    /// One scalar for each octet (ISO 8859-1), so that obs-text passes through unchanged.
    package let value: String

    /// nil when `value` has a control character, begins or ends with white space, or goes beyond U+00FF.
    package init?(_ name: HTTPFieldName, _ value: String) {
        guard HTTPField.isLegal(value) else { return nil }
        self.name = name
        self.value = value
    }

    /// `field-value` of RFC 9110 §5.5.
    private static func isLegal(_ value: String) -> Bool {
        let isBlank: (Unicode.Scalar?) -> Bool = { $0 == " " || $0 == "\t" }
        guard !isBlank(value.unicodeScalars.first), !isBlank(value.unicodeScalars.last) else { return false }
        return value.unicodeScalars.allSatisfy { scalar in
            scalar == "\t" || (scalar.value >= 0x20 && scalar.value != 0x7F && scalar.value <= 0xFF)
        }
    }

    /// A received field, whose octets the decoder has already judged.
    init(decodedName name: HTTPFieldName, value: ArraySlice<UInt8>) {
        self.name = name
        if value.allSatisfy({ $0 < 0x80 }) {
            self.value = String(decoding: value, as: UTF8.self)
        } else {
            var text = String.UnicodeScalarView()
            for byte in value { text.append(Unicode.Scalar(byte)) }
            self.value = String(text)
        }
    }
}

/// The fields of a message, in their order; repeated fields are kept (RFC 9110 §5.3).
package struct HTTPFields: Sendable, Equatable, RandomAccessCollection {
    private var lines: [HTTPField] = []

    package init() {}

    package var startIndex: Int { lines.startIndex }
    package var endIndex: Int { lines.endIndex }
    package subscript(position: Int) -> HTTPField { lines[position] }

    /// The first value under this name; setting replaces every line of the name, nil removes them.
    /// An illegal value is not taken: the field is then absent.
    package subscript(name: HTTPFieldName) -> String? {
        get {
            for line in lines where line.name == name { return line.value }
            return nil
        }
        set {
            lines.removeAll { $0.name == name }
            if let newValue, let line = HTTPField(name, newValue) { lines.append(line) }
        }
    }

    /// Every value under this name, in order.
    package func values(_ name: HTTPFieldName) -> [String] {
        lines.filter { $0.name == name }.map(\.value)
    }

    /// Adds a line behind those that are there, of the same name or not.
    package mutating func append(_ field: HTTPField) { lines.append(field) }

    /// The members of a comma-separated field over all of its lines, in lower case, empty ones left out
    /// (RFC 9110 §5.6.1). Not for fields whose members may be quoted strings.
    package func members(_ name: HTTPFieldName) -> [String] {
        values(name).flatMap { value in
            value.split(separator: ",").map { trimmed($0).lowercased() }.filter { !$0.isEmpty }
        }
    }
}

/// Without optional white space at either end: `OWS` of RFC 9110 §5.6.3.
func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return text
}

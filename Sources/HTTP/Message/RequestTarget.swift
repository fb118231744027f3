/// What a request is for (RFC 9112 §3.2): a path with an optional query, or the server itself (`*`).
package struct RequestTarget: Sendable, Equatable {
    /// How the target was written.
    package enum Form: Sendable, Equatable { case origin, absolute, asterisk }

    /// A member of the query, decoded as `application/x-www-form-urlencoded`: plus is a space.
    package struct QueryItem: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package let form: Form
    /// Host and port of an absolute-form target, which then replace the Host field (RFC 9112 §3.2.2).
    package let authority: String?
    /// As received, still percent-encoded; `/` where an absolute URI has none, `*` for the server itself.
    package let path: String
    /// The path's segments, each decoded on its own, so that an escaped slash stays inside its segment.
    package let segments: [String]
    package let queryItems: [QueryItem]

    /// The first value of a query member.
    package func query(_ name: String) -> String? {
        for item in queryItems where item.name == name { return item.value }
        return nil
    }

    /// Reads a request target.
    ///
    /// `isSecure` tells whether the connection is encrypted: a target with another scheme is not ours to
    /// answer (RFC 9110 §7.4). Throws: ``MessageRefusal``.
    package init(_ text: ArraySlice<UInt8>, method: HTTPMethod, isSecure: Bool) throws(MessageRefusal) {
        if text.elementsEqual([0x2A]) {
            // RFC 9112 §3.2.4
            guard method == .options else { throw .targetForm }
            self.init(form: .asterisk, authority: nil, path: "*", segments: [], queryItems: [])
        } else if text.first == UInt8(ascii: "/") {
            try self.init(form: .origin, authority: nil, pathAndQuery: text)
        } else {
            try self.init(absolute: text, method: method, isSecure: isSecure)
        }
    }

    private init(
        form: Form, authority: String?, path: String, segments: [String], queryItems: [QueryItem]
    ) {
        self.form = form
        self.authority = authority
        self.path = path
        self.segments = segments
        self.queryItems = queryItems
    }

    /// `absolute-form`, RFC 9112 §3.2.2.
    private init(absolute text: ArraySlice<UInt8>, method: HTTPMethod, isSecure: Bool) throws(MessageRefusal)
    {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            text[colon...].starts(with: Array("://".utf8)), RequestTarget.isScheme(text[..<colon])
        else { throw .targetForm }
        let scheme = String(decoding: text[..<colon], as: UTF8.self).lowercased()
        guard scheme == "http" || (scheme == "https" && isSecure) else { throw .misdirected }
        let rest = text[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.isEmpty, HostGrammar.accepts(authority.span) else { throw .authority }
        let name = String(decoding: authority, as: UTF8.self)
        if end == rest.endIndex, method == .options {
            // A proxy's last step for `OPTIONS *`: RFC 9112 §3.2.4.
            self.init(form: .asterisk, authority: name, path: "*", segments: [], queryItems: [])
            return
        }
        try self.init(form: .absolute, authority: name, pathAndQuery: rest[end...])
    }

    private init(form: Form, authority: String?, pathAndQuery text: ArraySlice<UInt8>) throws(MessageRefusal)
    {
        let mark = text.firstIndex(of: UInt8(ascii: "?")) ?? text.endIndex
        let path = text[..<mark]
        try RequestTarget.validate(path, allowed: .path)
        let segments = path.isEmpty ? [""] : try RequestTarget.segments(of: path)
        var items: [QueryItem] = []
        if mark < text.endIndex {
            try RequestTarget.validate(text[(mark + 1)...], allowed: .query)
            items = try RequestTarget.items(of: text[(mark + 1)...])
        }
        self.init(
            form: form, authority: authority,
            path: path.isEmpty ? "/" : String(decoding: path, as: UTF8.self),
            segments: segments, queryItems: items)
    }
}

/// Reading the parts.
extension RequestTarget {
    /// RFC 3986 §3.1.
    private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, ByteSet.letters.contains(first) else { return false }
        return text.allSatisfy { byte in
            ByteSet.letters.contains(byte) || ByteSet.digits.contains(byte)
                || [0x2B, 0x2D, 0x2E].contains(byte)
        }
    }

    private static func validate(_ text: ArraySlice<UInt8>, allowed: ByteSet) throws(MessageRefusal) {
        for byte in text where !allowed.contains(byte) && byte != UInt8(ascii: "%") { throw .targetCharacter }
    }

    private static func segments(of path: ArraySlice<UInt8>) throws(MessageRefusal) -> [String] {
        var segments: [String] = []
        var rest = path
        while !rest.isEmpty {
            let part = rest.dropFirst().prefix { $0 != UInt8(ascii: "/") }
            let segment = try decoded(part, plusIsSpace: false)
            guard segment != ".", segment != ".." else { throw .dotSegment }
            segments.append(segment)
            rest = rest[part.endIndex...]
        }
        return segments
    }

    private static func items(of query: ArraySlice<UInt8>) throws(MessageRefusal) -> [QueryItem] {
        var items: [QueryItem] = []
        for part in query.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = equals < part.endIndex ? part[(equals + 1)...] : []
            items.append(
                QueryItem(
                    name: try decoded(part[..<equals], plusIsSpace: true),
                    value: try decoded(value, plusIsSpace: true)))
        }
        return items
    }

    /// Percent-decoding (RFC 3986 §2.1) to text without control characters.
    private static func decoded(
        _ text: ArraySlice<UInt8>, plusIsSpace: Bool
    ) throws(MessageRefusal) -> String {
        let isPlain = text.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") }
        if isPlain { return String(decoding: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var place = text.startIndex
        while place < text.endIndex {
            var byte = text[place]
            if byte == UInt8(ascii: "%") {
                guard text.endIndex - place >= 3, let high = hexadecimalValue(text[place + 1]),
                    let low = hexadecimalValue(text[place + 2])
                else { throw .percentEscape }
                byte = high << 4 | low
                guard byte >= 0x20, byte != 0x7F else { throw .decodedTarget }
                place += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = 0x20
            }
            bytes.append(byte)
            place += 1
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .decodedTarget }
        return decoded
    }
}

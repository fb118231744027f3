/// A media type with parameters, as Content-Type and Content-Disposition write it (RFC 9110 section 8.3.1).
struct ContentType {
    /// Before the first semicolon, lower case.
    let mediaType: String
    /// By lower-case name; the first of several counts.
    let parameters: [String: String]

    init(_ header: String) {
        var rest = Substring(header)
        let first = rest.prefix { $0 != ";" }
        mediaType = first.trimmed.lowercased()
        rest = rest[first.endIndex...]
        var parameters: [String: String] = [:]
        while rest.first == ";" {
            rest = rest.dropFirst()
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest[name.endIndex...]
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop { $0 == " " }
            let value = rest.first == "\"" ? Self.quoted(&rest) : Self.bare(&rest)
            let key = name.trimmed.lowercased()
            if parameters[key] == nil { parameters[key] = value }
        }
        self.parameters = parameters
    }

    private static func bare(_ rest: inout Substring) -> String {
        let value = rest.prefix { $0 != ";" }
        rest = rest[value.endIndex...]
        return value.trimmed
    }

    /// A quoted string; only a quotation mark and a backslash are unescaped, since browsers leave the
    /// backslashes of Windows paths as they are.
    private static func quoted(_ rest: inout Substring) -> String {
        var value = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                value.append(next)
                rest = rest.dropFirst()
            } else {
                value.append(character)
            }
        }
        rest = rest.drop { $0 != ";" }
        return value
    }
}

extension StringProtocol {
    /// Without blanks and tabs around it.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(self[first...last])
    }
}

import Bytes

/// A value of a document and where it is.
struct JSONPlace {
    let value: JSONValue
    /// RFC 6901; keys of the file in it are shortened.
    let pointer: String

    subscript(key: String) -> JSONPlace? { value[key].map { child(key, $0) } }

    func child(_ key: String, _ value: JSONValue) -> JSONPlace {
        var escaped = ""
        for character in token(key) {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.append(character)
            }
        }
        return JSONPlace(value: value, pointer: pointer + "/" + escaped)
    }

    func unexpected(_ expected: String) -> FormatError {
        FormatError(.malformed, place: .pointer(pointer), detail: "found \(value.kind), expected \(expected)")
    }

    /// Requires an object whose members all have one of these names.
    func allowOnly(_ keys: [String]) throws(FormatError) {
        guard let members = value.members else { throw unexpected("an object") }
        guard let stranger = members.first(where: { !keys.contains($0.key) }) else { return }
        throw FormatError(
            .malformed, place: .pointer(child(stranger.key, stranger.value).pointer),
            detail: "a member of this name is not known, expected \(keys.joined(separator: ", "))")
    }
}

extension FormatError {
    /// What is wrong with a JSON text, at a byte of its file.
    init(_ error: JSONError, at offset: Int) {
        let code: Code =
            switch error.reason {
            case .limit: .limitExceeded
            case .truncated: .truncated
            case .encoding: .unsupportedEncoding
            case .syntax, .duplicateKey, .numberRange: .malformed
            }
        self.init(
            code, place: .byteOffset(offset),
            detail: "JSON: expected \(error.expected), found \(error.found)")
    }
}

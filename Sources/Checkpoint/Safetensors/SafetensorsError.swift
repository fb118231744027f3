/// Why a safetensors file cannot be read or written.
package enum SafetensorsError: Error, Sendable, Equatable {
    /// The file cannot be opened, mapped, written or renamed.
    case file(reason: String)
    /// Shorter than its header, or the header is longer than the limit.
    case headerLength(found: UInt64, fileBytes: Int, limit: Int)
    /// The header is no JSON object with every name once.
    case header(reason: String)
    /// A field of an entry is absent or has another type.
    case entry(name: String, field: String, found: String, expected: String)
    case elementType(name: String, found: String)
    /// `data_offsets` do not begin where the tensor before ends: a hole or an overlap.
    case offsets(name: String, found: Int, expected: Int)
    /// The bytes between the offsets are not those that shape and type need (nil: beyond any file).
    case byteCount(name: String, found: Int, expected: Int?)
    /// The tensors end before or after the file does.
    case dataLength(found: Int, expected: Int)
    /// Two tensors to write have one name, or a name is reserved.
    case duplicateName(String)
}

extension SafetensorsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let reason): "the file cannot be read or written: \(reason)"
        case .headerLength(let found, let bytes, let limit):
            "a header of \(found) bytes in a file of \(bytes); the limit is \(limit)"
        case .header(let reason): "the header is not what the format asks for: \(reason)"
        case .entry(let name, let field, let found, let expected):
            "tensor \(name): \(field) is \(found), expected \(expected)"
        case .elementType(let name, let found): "tensor \(name): dtype \(found) is not in the format"
        case .offsets(let name, let found, let expected):
            "tensor \(name) begins at byte \(found) of the data, expected \(expected)"
        case .byteCount(let name, let found, let expected):
            "tensor \(name) has \(found) bytes, its shape needs \(expected.map(String.init) ?? "more than any")"
        case .dataLength(let found, let expected):
            "the file has \(found) bytes of data, its tensors end at \(expected)"
        case .duplicateName(let name): "the name \(name) occurs twice or is reserved"
        }
    }
}

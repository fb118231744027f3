/// Why a pickle was refused. `offset` is the byte of the opcode at fault.
package enum PickleError: Error, Sendable, Equatable {
    case tooLarge(bytes: Int, limit: Int)
    case truncated(field: String, offset: Int, needed: Int, available: Int)
    case protocolVersion(found: Int, expected: Int)
    /// An opcode outside the set that tensors and settings need.
    case opcode(UInt8, offset: Int)
    /// The pickle names something that could run code, or that no checkpoint of ours has.
    case forbiddenGlobal(String, offset: Int)
    case stackUnderflow(offset: Int)
    case noMark(offset: Int)
    /// Reads a memo entry that was never written.
    case memo(index: Int, offset: Int)
    /// More stack entries, memo entries or containers than any checkpoint needs.
    case limit(what: String, limit: Int, offset: Int)
    /// Text that is not UTF-8.
    case text(offset: Int)
    case operand(of: String, found: String, expected: String, offset: Int)
    case duplicateKey(String, offset: Int)
    /// Bytes after the pickle's end.
    case trailing(offset: Int, bytes: Int)
}

extension PickleError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "the pickle has \(bytes) bytes; the limit is \(limit)"
        case .truncated(let field, let offset, let needed, let available):
            "the pickle ends inside \(field) at byte \(offset): \(needed) bytes needed, \(available) left"
        case .protocolVersion(let found, let expected):
            "pickle protocol \(found), expected \(expected) as torch.save writes it"
        case .opcode(let code, let offset): "pickle opcode \(code) at byte \(offset) is not admitted"
        case .forbiddenGlobal(let name, let offset):
            "the pickle names \(name) at byte \(offset), which no checkpoint of tensors needs; refused"
        case .stackUnderflow(let offset): "pickle stack underflow at byte \(offset)"
        case .noMark(let offset): "no mark on the pickle stack at byte \(offset)"
        case .memo(let index, let offset): "memo entry \(index), read at byte \(offset), was never written"
        case .limit(let what, let limit, let offset): "more than \(limit) \(what) at byte \(offset)"
        case .text(let offset): "text at byte \(offset) is not UTF-8"
        case .operand(let opcode, let found, let expected, let offset):
            "\(opcode) at byte \(offset): found \(found), expected \(expected)"
        case .duplicateKey(let key, let offset): "a dict at byte \(offset) has the key \(key) twice"
        case .trailing(let offset, let bytes): "\(bytes) bytes after the pickle's end at byte \(offset)"
        }
    }
}

/// Finds the keys of a JSON text's outermost object without parsing the rest, so that a damaged text is still
/// known for what it was meant to be.
enum JSONOutline {
    private static let maximumKeys = 64

    /// Keys without escapes, in order; none when the text is no object.
    static func topLevelKeys(of bytes: [UInt8]) -> [String] {
        var index = bytes.prefix { $0 <= 0x20 }.count
        guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return [] }
        var keys: [String] = []
        var depth = 0
        while index < bytes.count, keys.count < maximumKeys {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index + 1
                index = endOfString(bytes, from: start)
                if depth == 1, isFollowedByColon(bytes, index) {
                    keys.append(String(decoding: bytes[start..<index], as: UTF8.self))
                }
            default: break
            }
            index += 1
        }
        return keys
    }

    /// Index of the closing quotation mark, or the end of the text.
    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, bytes.count)
    }

    private static func isFollowedByColon(_ bytes: [UInt8], _ quote: Int) -> Bool {
        let next = bytes.dropFirst(quote + 1).first { $0 > 0x20 }
        return next == UInt8(ascii: ":")
    }
}

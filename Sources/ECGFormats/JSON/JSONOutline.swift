import Bytes

/// Finds out what a JSON text is meant to be without parsing it, so that a damaged text is still known for what it was
/// meant to be.
enum JSONOutline {
    /// Keys of the outermost object that tell formats apart.
    private static let marks = ["leads", "ZOLL", "resourceType"]
    private static let maximumKeys = 64

    /// The first key of the outermost object that is of one format only; nil when there is none, or the text is no
    /// object.
    ///
    /// Reads no further than to that key: each reader asks in turn.
    static func mark(of text: [UInt8]) -> String? {
        let bytes = UTF16Text.decoded(text)
        var index = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        index += bytes[index...].prefix { $0 <= 0x20 }.count
        guard index < bytes.count, bytes[index] == UInt8(ascii: "{") else { return nil }
        var keys = 0
        var depth = 0
        while index < bytes.count, keys < maximumKeys {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let start = index + 1
                index = endOfString(bytes, from: start)
                guard depth == 1, isFollowedByColon(bytes, index) else { break }
                keys += 1
                if let mark = marks.first(where: { bytes[start..<index].elementsEqual($0.utf8) }) {
                    return mark
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Parses a text. A byte order mark is ignored (RFC 8259 section 8.1), and tells UTF-16, which Windows' shell writes.
    ///
    /// Throws: ``FormatError``.
    static func parse(_ text: [UInt8], limits: JSONLimits) throws(FormatError) -> JSONValue {
        var bytes = UTF16Text.decoded(text)
        if bytes.starts(with: byteOrderMark) { bytes.replaceSubrange(..<3, with: [0x20, 0x20, 0x20]) }
        do { return try JSONValue.parse(bytes, limits: limits) } catch {
            let isUTF16 = UTF16Text.order(ofMark: text) != nil
            throw FormatError(
                error, at: isUTF16 ? UTF16Text.fileOffset(of: error.offset, in: bytes) : error.offset)
        }
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

/// The references that need no declaration: five entities and characters by number (XML 1.0 sections 4.1, 4.6).
///
/// XML 1.0 forbids references to control characters (section 2.2), and biosig's writer of aECG passes on as such what it finds in
/// a device's serial number. They stand for U+FFFD, so that no ECG is lost for a text that nobody reads: a number or a name that
/// has one is none and refused as such.
enum XMLReferences {
    /// The character that the reference at `index` (an ampersand) stands for, and the index behind it; nil when it is
    /// none of those, whatever the document type declares.
    static func reference(_ bytes: ArraySlice<UInt8>, at index: Int) -> (scalar: Unicode.Scalar, end: Int)? {
        let limit = min(bytes.endIndex, index + 12)
        guard let end = bytes[index..<limit].firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = bytes[(index + 1)..<end]
        if name.first == UInt8(ascii: "#") { return number(name.dropFirst()).map { ($0, end + 1) } }
        return predefined.first { $0.name.utf8.elementsEqual(name) }.map { ($0.scalar, end + 1) }
    }

    private static let predefined: [(name: String, scalar: Unicode.Scalar)] = [
        ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"),
    ]

    private static func number(_ digits: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let isHexadecimal = digits.first == UInt8(ascii: "x")
        let text = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
        guard let first = text.first, first.isHexDigit,
            let value = UInt32(text, radix: isHexadecimal ? 16 : 10)
        else { return nil }
        let isControl = value < 0x20 && ![0x9, 0xA, 0xD].contains(value)
        return isControl ? "\u{FFFD}" : Unicode.Scalar(value)
    }

    /// Text whose references have been checked, with what they stand for.
    static func resolved(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return Array(text) }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "&"), let found = reference(text, at: index) {
                output.append(contentsOf: String(found.scalar).utf8)
                index = found.end
            } else {
                output.append(text[index])
                index += 1
            }
        }
        return output
    }
}

/// Finds the name of an XML document's root element without parsing the rest, so that a damaged document is still
/// known for what it was meant to be.
enum XMLOutline {
    private static let searchedBytes = 1 << 16

    /// The root element's name without prefix; nil when the bytes are no XML.
    static func root(of file: [UInt8]) -> String? {
        var head = Array(file.prefix(searchedBytes))
        if let order = XMLText.utf16Order(head) { head = UTF16Text.utf8(of: head, order) }
        var index = head.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while index < head.count {
            guard let start = head[index...].firstIndex(where: { $0 > 0x20 }),
                head[start] == UInt8(ascii: "<")
            else { return nil }
            let rest = head[start...]
            if rest.starts(with: "<!--".utf8) {
                index = end(of: "-->", in: rest)
            } else if rest.starts(with: "<?".utf8) {
                index = end(of: "?>", in: rest)
            } else if rest.starts(with: "<!".utf8) {
                index = endOfDeclaration(rest)
            } else {
                return name(rest.dropFirst())
            }
        }
        return nil
    }

    /// Whether a single upload is XML with this root element.
    static func hasRoot(_ names: Set<String>, _ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return root(of: bytes).map(names.contains) ?? false
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        let name = bytes.prefix { $0 > 0x20 && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/") }.prefix(
            256)
        let local = name.firstIndex(of: UInt8(ascii: ":")).map { name[($0 + 1)...] } ?? name
        return local.isEmpty ? nil : String(decoding: local, as: UTF8.self)
    }

    private static func end(of word: String, in bytes: ArraySlice<UInt8>) -> Int {
        let word = Array(word.utf8)
        var index = bytes.startIndex
        while index + word.count <= bytes.endIndex {
            if bytes[index] == word[0], bytes[index...].starts(with: word) { return index + word.count }
            index += 1
        }
        return bytes.endIndex
    }

    private static func endOfDeclaration(_ bytes: ArraySlice<UInt8>) -> Int {
        var brackets = 0
        var quote: UInt8?
        for index in bytes.indices {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: "]"): brackets -= 1
            case UInt8(ascii: ">") where brackets <= 0: return index + 1
            default: break
            }
        }
        return bytes.endIndex
    }
}

/// Text in UTF-16, as programs of Windows write it, brought to UTF-8, which is what the readers of text take.
///
/// Only a byte order mark tells it (The Unicode Standard, section 3.10, D95 to D98): without one an encoding is not guessed.
enum UTF16Text {
    enum ByteOrder { case little, big }

    /// The byte order that a mark states; nil where there is none.
    static func order(ofMark bytes: some Sequence<UInt8>) -> ByteOrder? {
        if bytes.starts(with: [0xFF, 0xFE]) { return .little }
        return bytes.starts(with: [0xFE, 0xFF]) ? .big : nil
    }

    /// A text as it is, or UTF-8 of one that begins with a mark.
    static func decoded(_ text: [UInt8]) -> [UInt8] {
        order(ofMark: text).map { utf8(of: text, $0) } ?? text
    }

    /// UTF-8 of UTF-16; a mark becomes a blank, half of a pair a question mark.
    static func utf8(of file: [UInt8], _ order: ByteOrder) -> [UInt8] {
        let high = order == .big ? 0 : 1
        var output = [UInt8]()
        output.reserveCapacity(file.count / 2 + 16)
        // The first half of a pair, which the next unit has to complete.
        var half: UInt32?
        var index = 0
        while index + 1 < file.count {
            let unit = UInt32(file[index + high]) << 8 | UInt32(file[index + 1 - high])
            index += 2
            if let first = half.take() {
                if (0xDC00..<0xE000).contains(unit),
                    let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (unit - 0xDC00))
                {
                    output.append(contentsOf: String(scalar).utf8)
                    continue
                }
                output.append(UInt8(ascii: "?"))
            }
            if unit < 0x80 {
                output.append(UInt8(unit))
            } else if unit == 0xFEFF {
                output.append(0x20)
            } else if (0xD800..<0xDC00).contains(unit) {
                half = unit
            } else {
                output.append(contentsOf: String(Unicode.Scalar(unit) ?? "?").utf8)
            }
        }
        if half != nil { output.append(UInt8(ascii: "?")) }
        return output
    }

    /// Where in a file in UTF-16 a byte of its UTF-8 stands.
    static func fileOffset(of index: Int, in text: [UInt8]) -> Int {
        String(decoding: text.prefix(index), as: UTF8.self).utf16.count * 2
    }
}

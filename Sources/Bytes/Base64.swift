/// Base64 (RFC 4648 section 4) with line breaks (RFC 2045 section 6.8), read strictly.
package enum Base64 {
    /// Decodes all of `text`; blanks and line breaks may stand anywhere.
    ///
    /// Throws: ``Base64Error`` with the offset from the start of `text`.
    package static func decode(_ text: [UInt8]) throws(Base64Error) -> [UInt8] {
        var output = [UInt8]()
        output.reserveCapacity(text.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for (offset, byte) in text.enumerated() {
            let value = values[Int(byte)]
            if value < 64 {
                guard padding == 0 else { throw .illegal(offset: offset) }
                group = group << 6 | UInt32(value)
                digits += 1
                if digits == 4 {
                    output.append(UInt8(truncatingIfNeeded: group >> 16))
                    output.append(UInt8(truncatingIfNeeded: group >> 8))
                    output.append(UInt8(truncatingIfNeeded: group))
                    (group, digits) = (0, 0)
                }
            } else if byte == UInt8(ascii: "=") {
                padding += 1
                guard padding <= 2, digits + padding <= 4, digits >= 2 else { throw .illegal(offset: offset) }
            } else {
                guard value == blank else { throw .illegal(offset: offset) }
            }
        }
        guard digits != 1, padding == 0 || digits + padding == 4 else {
            throw .incomplete(offset: text.count)
        }
        // Some writers leave the padding out: two or three digits still are one or two whole bytes.
        if digits == 2 {
            output.append(UInt8(truncatingIfNeeded: group >> 4))
        } else if digits == 3 {
            output.append(UInt8(truncatingIfNeeded: group >> 10))
            output.append(UInt8(truncatingIfNeeded: group >> 2))
        }
        return output
    }

    private static let blank: UInt8 = 0x40
    /// Of each byte: its six bits, ``blank``, or 0xFF for what may not stand there.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, byte) in alphabet.utf8.enumerated() { values[Int(byte)] = UInt8(value) }
        for byte in [0x20, 0x09, 0x0A, 0x0D] { values[byte] = blank }
        return values
    }()
}

/// Why a text is no base64.
package enum Base64Error: Error, Sendable, Equatable {
    /// A character that may not stand there.
    case illegal(offset: Int)
    /// The last group has one digit, or too little padding.
    case incomplete(offset: Int)
}

/// The body and its framing: RFC 9112 §6.2 and §7.1.
extension RequestDecoder {
    private static let reservedBytes = 1 << 20

    /// Decides what follows the head; a declared length is judged before a byte of the body is read.
    mutating func beginBody() throws(MessageRefusal) {
        switch framing {
        case .none: stage = .length(remaining: 0)
        case .length(let length):
            guard length <= bodyLimit else { throw .contentTooLarge }
            // What is set aside costs addresses, and memory only once it is written; a promise of much is no reason
            // to set aside as much.
            if storesBody { body.reserveCapacity(min(length, RequestDecoder.reservedBytes)) }
            stage = .length(remaining: length)
        case .chunked: stage = .chunkSize
        }
    }

    /// How many bytes, whatever they are, are the next of a body that is stored: they may be read straight to their
    /// place by ``fillBody(atMost:_:)``. 0 where bytes have to be looked at.
    package var straightBytes: Int {
        guard case .length(let remaining) = stage, bufferedBytes == 0, storesBody else { return 0 }
        return remaining
    }

    /// Has `fill` write the next bytes of the body, at most `count` and ``straightBytes``, where they stay; it returns
    /// how many it wrote, and so does this. ``next()`` goes on from there.
    package mutating func fillBody(
        atMost count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) -> Int {
        let remaining = straightBytes
        let room = min(count, remaining)
        guard room > 0 else { return 0 }
        var filled = 0
        body.append(addingCapacity: room) { span in
            unsafe span.withUnsafeMutableBufferPointer { bytes, taken in
                filled = unsafe fill(
                    UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[..<room]))
                taken = filled
            }
        }
        bodyBytes += filled
        stage = .length(remaining: remaining - filled)
        return filled
    }

    /// `chunk-size [ chunk-ext ] CRLF`; false when the line has not come whole.
    mutating func decodeChunkSize() throws(MessageRefusal) -> Bool {
        guard let line = try takeLine(limit: limits.chunkLineBytes, tooLong: .chunkExtensionsTooLong) else {
            return false
        }
        var size: UInt64 = 0
        let digits = line.prefix { hexadecimalValue($0) != nil }
        // Zeros in front are in the grammar, and add nothing.
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard !digits.isEmpty, significant.count <= 16 else { throw .chunkSize }
        for digit in significant { size = size << 4 | UInt64(hexadecimalValue(digit) ?? 0) }
        let tail = line[digits.endIndex...]
        if !tail.isEmpty {
            extensionBytes += tail.count
            guard ChunkExtension.accepts(tail) else {
                throw tail.contains(0x3B) ? .chunkExtension : .chunkSize
            }
            guard extensionBytes <= limits.chunkExtensionBytes else { throw .chunkExtensionsTooLong }
        }
        guard size <= UInt64(max(0, bodyLimit - bodyBytes)) else { throw .contentTooLarge }
        stage = size == 0 ? .trailers : .chunkData(remaining: Int(size))
        return true
    }

    /// The CRLF after a chunk's data, judged octet by octet; false when it has not come whole.
    mutating func decodeChunkEnd() throws(MessageRefusal) -> Bool {
        for (offset, expected) in [UInt8(0x0D), 0x0A].enumerated() where cursor + offset < buffer.count {
            guard buffer[cursor + offset] == expected else { throw .chunkEnd }
        }
        guard bufferedBytes >= 2 else { return false }
        cursor += 2
        scanned = cursor
        stage = .chunkSize
        return true
    }

    /// `trailer-section CRLF`, RFC 9112 §7.1.2: true at its end, nil when a line has not come whole.
    mutating func decodeTrailer() throws(MessageRefusal) -> Bool? {
        guard let line = try takeFieldLine() else { return nil }
        if line.isEmpty { return true }
        fields.append(try parsed(fieldLine: line))
        return false
    }
}

/// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`: RFC 9112 §7.1.1. Nothing is
/// made of an extension, but what breaks the grammar may have been read differently by a proxy in front.
private enum ChunkExtension {
    static func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while !rest.isEmpty {
            skipBlanks(&rest)
            guard rest.popFirst() == UInt8(ascii: ";") else { return false }
            skipBlanks(&rest)
            guard skipToken(&rest) else { return false }
            let afterName = rest
            skipBlanks(&rest)
            guard rest.first == UInt8(ascii: "=") else {
                rest = afterName
                continue
            }
            rest = rest.dropFirst()
            skipBlanks(&rest)
            guard rest.first == UInt8(ascii: "\"") ? skipQuoted(&rest) : skipToken(&rest) else {
                return false
            }
        }
        return true
    }

    private static func skipBlanks(_ text: inout ArraySlice<UInt8>) {
        text = text.drop { $0 == 0x20 || $0 == 0x09 }
    }

    private static func skipToken(_ text: inout ArraySlice<UInt8>) -> Bool {
        let rest = text.drop { ByteSet.token.contains($0) }
        defer { text = rest }
        return rest.startIndex > text.startIndex
    }

    /// `quoted-string`, RFC 9110 §5.6.4, from its first quote.
    private static func skipQuoted(_ text: inout ArraySlice<UInt8>) -> Bool {
        text = text.dropFirst()
        while let byte = text.popFirst() {
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\"), text.popFirst() == nil { return false }
        }
        return false
    }
}

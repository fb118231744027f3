/// A bounded window on a binary file: every read is checked, and its error names the byte of the file.
struct BinaryView {
    enum ByteOrder { case little, big }

    let bytes: ArraySlice<UInt8>
    /// Byte of the file at which the window begins.
    let origin: Int
    /// Name of the format, for messages.
    let format: String

    init(_ bytes: ArraySlice<UInt8>, origin: Int = 0, format: String) {
        self.bytes = bytes
        self.origin = origin
        self.format = format
    }

    var count: Int { bytes.count }

    /// `count` bytes from `offset` on, counted from the window's beginning.
    ///
    /// Throws: ``FormatError`` `truncated`.
    func run(at offset: Int, count: Int, for field: String) throws(FormatError) -> ArraySlice<UInt8> {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
            throw truncated(at: offset, needed: count, for: field)
        }
        let start = bytes.startIndex + offset
        return bytes[start..<start + count]
    }

    /// A window on part of this one.
    func window(at offset: Int, count: Int, for field: String) throws(FormatError) -> BinaryView {
        BinaryView(try run(at: offset, count: count, for: field), origin: origin + offset, format: format)
    }

    /// An integer in two's complement.
    func integer<Value: FixedWidthInteger>(
        at offset: Int, as type: Value.Type, _ order: ByteOrder, for field: String
    ) throws(FormatError) -> Value {
        let run = try run(at: offset, count: Value.bitWidth / 8, for: field)
        return Self.integer(run, as: type, order)
    }

    /// An integer of any of the supported widths, extended to 64 bits.
    func integer(
        at offset: Int, width: Int, isSigned: Bool, _ order: ByteOrder, for field: String
    ) throws(FormatError) -> Int64 {
        let run = try run(at: offset, count: width, for: field)
        var value: UInt64 = 0
        switch order {
        case .little: for byte in run.reversed() { value = value << 8 | UInt64(byte) }
        case .big: for byte in run { value = value << 8 | UInt64(byte) }
        }
        guard isSigned, width < 8, width > 0 else { return Int64(bitPattern: value) }
        let shift = UInt64(64 - 8 * width)
        return Int64(bitPattern: value << shift) >> Int64(shift)
    }

    /// Text in ISO 8859-1 up to the first NUL, without blanks around it.
    func text(at offset: Int, count: Int, for field: String) throws(FormatError) -> String {
        Self.latin1(try run(at: offset, count: count, for: field))
    }

    /// `columns` interleaved signals of 16-bit integers, one array each.
    func interleaved16(columns: Int, _ order: ByteOrder) -> [[Int16]] {
        let rows = columns == 0 ? 0 : bytes.count / (2 * columns)
        let (low, high) = order == .little ? (0, 1) : (1, 0)
        return (0..<columns).map { column in
            (0..<rows).map { row in
                let start = bytes.startIndex + 2 * (row * columns + column)
                return Int16(bitPattern: UInt16(bytes[start + low]) | UInt16(bytes[start + high]) << 8)
            }
        }
    }

    func malformed(at offset: Int, _ detail: String) -> FormatError {
        FormatError(.malformed, place: .byteOffset(origin + offset), detail: "\(format): \(detail)")
    }

    func refusal(_ code: FormatError.Code, at offset: Int, _ detail: String) -> FormatError {
        FormatError(code, place: .byteOffset(origin + offset), detail: "\(format): \(detail)")
    }

    func truncated(at offset: Int, needed: Int, for field: String) -> FormatError {
        let left = max(0, bytes.count - max(0, offset))
        return FormatError(
            .truncated, place: .byteOffset(origin + min(max(0, offset), bytes.count)),
            detail: "\(format): \(field) needs \(needed) bytes, \(left) are left")
    }

    static func integer<Value: FixedWidthInteger>(
        _ run: ArraySlice<UInt8>, as type: Value.Type, _ order: ByteOrder
    ) -> Value {
        var value: Value = 0
        switch order {
        case .little: for byte in run.reversed() { value = value << 8 | Value(truncatingIfNeeded: byte) }
        case .big: for byte in run { value = value << 8 | Value(truncatingIfNeeded: byte) }
        }
        return value
    }

    static func latin1(_ bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            if byte == 0 { break }
            text.append(Unicode.Scalar(byte))
        }
        return String(text).trimmed
    }
}

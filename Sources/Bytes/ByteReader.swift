/// Reads integers and runs of bytes from a buffer, never past its end.
///
/// Every read states what it is for, so that the error says which field was cut short and where.
package struct ByteReader: Sendable {
    package let bytes: ArraySlice<UInt8>
    /// Bytes already consumed.
    package private(set) var offset: Int

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.offset = 0
    }

    package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// Bytes not yet consumed.
    package var remaining: Int { bytes.count - offset }

    /// Moves to an absolute offset.
    ///
    /// Throws: ``ByteError/truncated(field:offset:needed:available:)`` when it lies beyond the end.
    package mutating func seek(to target: Int, for field: StaticString) throws(ByteError) {
        guard target >= 0, target <= bytes.count else {
            throw .truncated(field: "\(field)", offset: target, needed: 0, available: 0)
        }
        offset = target
    }

    /// The next `count` bytes.
    ///
    /// Throws: ``ByteError/truncated(field:offset:needed:available:)``.
    package mutating func take(_ count: Int, for field: StaticString) throws(ByteError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else {
            throw .truncated(field: "\(field)", offset: offset, needed: count, available: remaining)
        }
        let start = bytes.startIndex + offset
        offset += count
        return bytes[start..<start + count]
    }

    /// The next integer, least significant byte first.
    ///
    /// Throws: ``ByteError/truncated(field:offset:needed:available:)``.
    package mutating func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self, for field: StaticString
    ) throws(ByteError) -> Value {
        let run = try take(Value.bitWidth / 8, for: field)
        var value: Value = 0
        for byte in run.reversed() { value = value << 8 | Value(byte) }
        return value
    }

    /// The next integer, most significant byte first.
    ///
    /// Throws: ``ByteError/truncated(field:offset:needed:available:)``.
    package mutating func bigEndian<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type = Value.self, for field: StaticString
    ) throws(ByteError) -> Value {
        let run = try take(Value.bitWidth / 8, for: field)
        var value: Value = 0
        for byte in run { value = value << 8 | Value(byte) }
        return value
    }
}

/// Why bytes could not be read.
package enum ByteError: Error, Sendable, Equatable {
    case truncated(field: String, offset: Int, needed: Int, available: Int)
}

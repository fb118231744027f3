/// Reads numbers of any width from bytes, most significant bit first, never past their end.
struct BitReader {
    private let bytes: ArraySlice<UInt8>
    /// The next byte that is not in ``held``.
    private var next: Int
    /// Bits taken from the bytes and not yet read, at the high end; zeros below them.
    private var held: UInt64 = 0
    private var heldCount = 0

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        next = bytes.startIndex
    }

    /// The byte that holds the next bit, counted from the first one.
    var offset: Int { next - bytes.startIndex - (heldCount + 7) / 8 }

    var isAtEnd: Bool { heldCount == 0 && next == bytes.endIndex }

    /// The next `count` bits, at most 56, as a number without sign.
    ///
    /// Throws: ``FLACError`` `truncated`.
    @inline(__always)
    mutating func unsigned(_ count: Int) throws(FLACError) -> UInt64 {
        guard count > 0 else { return 0 }
        if heldCount < count {
            refill()
            guard heldCount >= count else { throw truncated }
        }
        let value = held >> UInt64(64 - count)
        drop(count)
        return value
    }

    /// The next `count` bits in two's complement.
    ///
    /// Throws: ``FLACError`` `truncated`.
    @inline(__always)
    mutating func signed(_ count: Int) throws(FLACError) -> Int64 {
        guard count > 0 else { return 0 }
        let shift = Int64(64 - count)
        return Int64(bitPattern: try unsigned(count) << UInt64(shift)) >> shift
    }

    /// Reads zeros up to the next one, and it: how many zeros there were.
    ///
    /// Throws: ``FLACError`` `truncated`.
    @inline(__always)
    mutating func zerosBeforeOne() throws(FLACError) -> Int {
        var zeros = 0
        while held == 0 {
            zeros += heldCount
            heldCount = 0
            refill()
            guard heldCount > 0 else { throw truncated }
        }
        let leading = held.leadingZeroBitCount
        drop(leading + 1)
        return zeros + leading
    }

    /// Reads the rest of a byte that has been begun.
    ///
    /// Throws: ``FLACError`` `malformed` where a bit of it is set.
    mutating func padding() throws(FLACError) {
        let place = offset
        guard try unsigned(heldCount % 8) == 0 else {
            throw FLACError(.malformed, at: place, "the bits that fill up a frame's last byte are not zero")
        }
    }

    private mutating func refill() {
        while heldCount <= 56, next < bytes.endIndex {
            held |= UInt64(bytes[next]) << UInt64(56 - heldCount)
            heldCount += 8
            next += 1
        }
    }

    @inline(__always)
    private mutating func drop(_ count: Int) {
        held = count < 64 ? held &<< UInt64(count) : 0
        heldCount -= count
    }

    private var truncated: FLACError {
        FLACError(.truncated, at: bytes.count, "the stream ends inside a frame")
    }
}

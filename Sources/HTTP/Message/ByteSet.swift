/// A set of octets below 128, for the grammar's character classes; one shift and one mask a lookup.
struct ByteSet: Sendable {
    private let low: UInt64
    private let high: UInt64

    init(_ members: String) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for byte in members.utf8 where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
        self.low = low
        self.high = high
    }

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    func union(_ other: ByteSet) -> ByteSet { ByteSet(low: low | other.low, high: high | other.high) }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low >> UInt64(byte) : high >> UInt64(byte & 63)) & 1 == 1
    }

    static let digits = ByteSet("0123456789")
    static let letters = ByteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    /// `tchar`, RFC 9110 §5.6.2.
    static let token = ByteSet("!#$%&'*+-.^_`|~").union(digits).union(letters)
    /// `unreserved`, RFC 3986 §2.3.
    static let unreserved = ByteSet("-._~").union(digits).union(letters)
    /// `pchar` without its percent-escapes, and the slash between segments: RFC 3986 §3.3.
    static let path = unreserved.union(ByteSet("!$&'()*+,;=:@/"))
    /// A query as RFC 3986 §3.4 writes it, and what browsers leave unescaped in one (WHATWG URL, query state).
    static let query = path.union(ByteSet("?[]{}|\\^`"))
    /// `reg-name` of RFC 3986 §3.2.2, without the comma: two Host fields joined by a proxy have one.
    static let host = unreserved.union(ByteSet("!$&'()*+;="))
    /// Characters of a request id that are safe in logs, shells and URLs alike.
    static let requestID = ByteSet("._:+/=@-").union(digits).union(letters)
}

/// The value of a hexadecimal digit, or nil.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}

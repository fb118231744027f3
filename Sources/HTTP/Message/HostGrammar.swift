private import Glibc

/// `uri-host [ ":" port ]`: RFC 9110 §7.2, RFC 3986 §3.2.2. It may be empty as a whole, but a port is one of a host
/// (RFC 9110 §4.2.1).
enum HostGrammar {
    static func accepts(_ text: Span<UInt8>) -> Bool {
        let end: Int
        if !text.isEmpty, text[0] == UInt8(ascii: "[") {
            guard let bracket = place(of: UInt8(ascii: "]"), in: text), isIPv6(text.extracting(1..<bracket))
            else { return false }
            end = bracket + 1
        } else {
            end = place(of: UInt8(ascii: ":"), in: text) ?? text.count
            guard isName(text.extracting(..<end)) else { return false }
        }
        guard end < text.count else { return true }
        return end > 0 && text[end] == UInt8(ascii: ":") && isPort(text.extracting((end + 1)...))
    }

    private static func place(of byte: UInt8, in text: Span<UInt8>) -> Int? {
        for place in text.indices where text[place] == byte { return place }
        return nil
    }

    /// An IPv6 address; a later version of IP, which the grammar has room for, has no literals yet.
    private static func isIPv6(_ text: Span<UInt8>) -> Bool {
        // The system's parser stops at a zero octet and wants to see one.
        guard place(of: 0, in: text) == nil, text.count < Int(INET6_ADDRSTRLEN) else { return false }
        let name = unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, name, &address) == 1
    }

    private static func isName(_ text: Span<UInt8>) -> Bool {
        let host = ByteSet.host
        var place = 0
        while place < text.count {
            if text[place] == UInt8(ascii: "%") {
                guard text.count - place >= 3, hexadecimalValue(text[place + 1]) != nil,
                    hexadecimalValue(text[place + 2]) != nil
                else { return false }
                place += 3
            } else {
                guard host.contains(text[place]) else { return false }
                place += 1
            }
        }
        return true
    }

    /// Digits, possibly none, that fit TCP's port number.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        var port = 0
        for place in text.indices {
            guard (0x30...0x39).contains(text[place]) else { return false }
            port = port * 10 + Int(text[place] - 0x30)
            guard port <= 65_535 else { return false }
        }
        return true
    }
}

private import Glibc

/// `uri-host [ ":" port ]`: RFC 9110 §7.2, RFC 3986 §3.2.2.
enum HostGrammar {
    static func accepts(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")), isIPv6(rest[(rest.startIndex + 1)..<end])
            else { return false }
            rest = rest[(end + 1)...]
        } else {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            guard isName(rest[..<end]) else { return false }
            rest = rest[end...]
        }
        guard let colon = rest.first else { return true }
        return colon == UInt8(ascii: ":") && isPort(rest.dropFirst())
    }

    /// An IPv6 address; a later version of IP, which the grammar has room for, has no literals yet.
    private static func isIPv6(_ text: ArraySlice<UInt8>) -> Bool {
        // The system's parser stops at a zero octet and wants to see one.
        guard !text.contains(0), text.count < Int(INET6_ADDRSTRLEN) else { return false }
        var address = in6_addr()
        return unsafe inet_pton(AF_INET6, String(decoding: text, as: UTF8.self), &address) == 1
    }

    private static func isName(_ text: ArraySlice<UInt8>) -> Bool {
        var place = text.startIndex
        while place < text.endIndex {
            if text[place] == UInt8(ascii: "%") {
                guard text.endIndex - place >= 3, hexadecimalValue(text[place + 1]) != nil,
                    hexadecimalValue(text[place + 2]) != nil
                else { return false }
                place += 3
            } else {
                guard ByteSet.host.contains(text[place]) else { return false }
                place += 1
            }
        }
        return true
    }

    /// Digits, possibly none, that fit TCP's port number.
    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        var port = 0
        for digit in digits {
            guard ByteSet.digits.contains(digit) else { return false }
            port = port * 10 + Int(digit - 0x30)
            guard port <= 65_535 else { return false }
        }
        return true
    }
}

/// A request method: case-sensitive (RFC 9110 §9.1), always a token.
package struct HTTPMethod: Sendable, Hashable, CustomStringConvertible {
    package let name: String

    package var description: String { name }

    /// nil when `name` is not a token (RFC 9110 §5.6.2).
    package init?(_ name: String) {
        guard !name.isEmpty, name.utf8.allSatisfy(ByteSet.token.contains) else { return nil }
        self.name = name
    }

    private init(known name: String) { self.name = name }

    /// Of octets that have been judged already.
    init(token: ArraySlice<UInt8>) { name = String(decoding: token, as: UTF8.self) }

    package static let get = HTTPMethod(known: "GET")
    package static let head = HTTPMethod(known: "HEAD")
    package static let post = HTTPMethod(known: "POST")
    package static let put = HTTPMethod(known: "PUT")
    package static let patch = HTTPMethod(known: "PATCH")
    package static let delete = HTTPMethod(known: "DELETE")
    package static let options = HTTPMethod(known: "OPTIONS")
    package static let trace = HTTPMethod(known: "TRACE")
    package static let connect = HTTPMethod(known: "CONNECT")

    /// The methods of RFC 9110 §9.3 and RFC 5789; any other is answered 501.
    package static let known: [HTTPMethod] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]

    package var isKnown: Bool { HTTPMethod.known.contains(self) }
}

/// The protocol version of a message, as far as this server tells them apart.
package enum HTTPVersion: Sendable, Equatable {
    case http10
    /// HTTP/1.1 and any later minor version, which is handled alike (RFC 9110 §2.5).
    case http11
}

/// Why a message is not a request that this server takes: the status that says so, in words, and the section
/// of the specification that it breaks. Every one of them ends the connection, since what follows on it
/// cannot be told apart with certainty (RFC 9112 §11.2).
package struct MessageRefusal: Error, Sendable, Equatable {
    package let status: HTTPStatus
    /// Stable, for machines: the last part of the problem's type.
    package let code: String
    package let reason: String
    package let section: String

    init(_ status: HTTPStatus, _ code: String, _ reason: String, _ section: String) {
        self.status = status
        self.code = code
        self.reason = reason
        self.section = section
    }
}

/// The request line.
extension MessageRefusal {
    static let bareLineFeed = MessageRefusal(
        .badRequest, "bare-line-feed", "A line ends in LF without CR.", "RFC 9112 §2.2")
    static let bareCarriageReturn = MessageRefusal(
        .badRequest, "bare-carriage-return", "A CR is not followed by LF.", "RFC 9112 §2.2")
    static let controlCharacter = MessageRefusal(
        .badRequest, "control-character", "The head has a control character.", "RFC 9112 §2.2, RFC 9110 §5.5")
    static let tooManyEmptyLines = MessageRefusal(
        .badRequest, "empty-lines", "Too many empty lines come before the request.", "RFC 9112 §2.2")
    static let requestLine = MessageRefusal(
        .badRequest, "request-line", "The request line is not method, target and version with single spaces.",
        "RFC 9112 §3")
    static let method = MessageRefusal(
        .badRequest, "method", "The method is not a token.", "RFC 9110 §9.1, RFC 9110 §5.6.2")
    static let methodTooLong = MessageRefusal(
        .notImplemented, "method-too-long", "The method is longer than any that exists here.", "RFC 9112 §3")
    static let connectUnsupported = MessageRefusal(
        .notImplemented, "connect", "This server is not a proxy: it opens no tunnels.", "RFC 9110 §9.3.6")
    static let targetTooLong = MessageRefusal(
        .uriTooLong, "target-too-long", "The request line is longer than the limit.",
        "RFC 9112 §3, RFC 9110 §15.5.15")
    static let version = MessageRefusal(
        .badRequest, "version", "The version is not HTTP/, a digit, a point and a digit.", "RFC 9112 §2.3")
    static let versionUnsupported = MessageRefusal(
        .versionNotSupported, "version-unsupported", "Only HTTP/1.1 and HTTP/1.0 are spoken here.",
        "RFC 9110 §15.6.6")
}

/// The target and the host.
extension MessageRefusal {
    static let targetCharacter = MessageRefusal(
        .badRequest, "target-character", "The target has a character that must be percent-encoded.",
        "RFC 9112 §3.2, RFC 3986 §3.3")
    static let percentEscape = MessageRefusal(
        .badRequest, "percent-escape", "A percent sign is not followed by two hexadecimal digits.",
        "RFC 3986 §2.1")
    static let decodedTarget = MessageRefusal(
        .badRequest, "target-text", "The decoded target is not UTF-8 text, or has a control character.",
        "RFC 3986 §2.5")
    static let dotSegment = MessageRefusal(
        .badRequest, "dot-segment", "The path has a dot segment, which the client must resolve.",
        "RFC 3986 §5.2.4, RFC 3986 §6.2.2.3")
    static let targetForm = MessageRefusal(
        .badRequest, "target-form",
        "The target is neither a path nor an absolute URI, or does not fit the method.",
        "RFC 9112 §3.2")
    static let authority = MessageRefusal(
        .badRequest, "authority", "The target's authority is empty, has user information or is malformed.",
        "RFC 9110 §4.2.1, RFC 9110 §4.2.4")
    static let misdirected = MessageRefusal(
        .misdirectedRequest, "misdirected", "The target's scheme is not the one of this connection.",
        "RFC 9110 §7.4, RFC 9110 §15.5.20")
    static let hostMissing = MessageRefusal(
        .badRequest, "host-missing", "An HTTP/1.1 request has no Host.", "RFC 9112 §3.2")
    static let hostRepeated = MessageRefusal(
        .badRequest, "host-repeated", "The request has more than one Host.", "RFC 9112 §3.2")
    static let host = MessageRefusal(
        .badRequest, "host", "The Host is not a host with an optional port.", "RFC 9112 §3.2, RFC 9110 §7.2")
}

/// The fields.
extension MessageRefusal {
    static let foldedLine = MessageRefusal(
        .badRequest, "folded-line", "A field line begins with white space.", "RFC 9112 §5.2, RFC 9112 §2.2")
    static let fieldWithoutColon = MessageRefusal(
        .badRequest, "field-without-colon", "A field line has no colon.", "RFC 9112 §5")
    static let fieldName = MessageRefusal(
        .badRequest, "field-name",
        "A field name is empty, is not a token or has white space before its colon.",
        "RFC 9112 §5.1, RFC 9110 §5.1")
    static let fieldLineTooLong = MessageRefusal(
        .fieldsTooLarge, "field-line-too-long", "A field line is longer than the limit.", "RFC 6585 §5")
    static let fieldsTooLarge = MessageRefusal(
        .fieldsTooLarge, "fields-too-large", "The fields together are larger than the limit.", "RFC 6585 §5")
    static let tooManyFields = MessageRefusal(
        .fieldsTooLarge, "too-many-fields", "The request has more fields than the limit.", "RFC 6585 §5")
}

/// The body's framing.
extension MessageRefusal {
    static let contentLength = MessageRefusal(
        .badRequest, "content-length", "The Content-Length is not a decimal number.",
        "RFC 9110 §8.6, RFC 9112 §6.3")
    static let contentLengthRepeated = MessageRefusal(
        .badRequest, "content-length-repeated", "The request has more than one Content-Length.",
        "RFC 9110 §8.6, RFC 9112 §6.3")
    static let ambiguousFraming = MessageRefusal(
        .badRequest, "ambiguous-framing", "The request has both Transfer-Encoding and Content-Length.",
        "RFC 9112 §6.1, RFC 9112 §6.3, RFC 9112 §11.2")
    static let transferEncodingIn10 = MessageRefusal(
        .badRequest, "transfer-encoding-1.0", "An HTTP/1.0 request has Transfer-Encoding.", "RFC 9112 §6.1")
    static let transferEncoding = MessageRefusal(
        .badRequest, "transfer-encoding", "The last transfer coding is not a single chunked.",
        "RFC 9112 §6.1, RFC 9112 §6.3")
    static let transferCodingUnknown = MessageRefusal(
        .notImplemented, "transfer-coding", "A transfer coding other than chunked is not understood.",
        "RFC 9112 §6.1")
    static let contentTooLarge = MessageRefusal(
        .contentTooLarge, "content-too-large", "The body is larger than the limit.", "RFC 9110 §15.5.14")
    static let chunkSize = MessageRefusal(
        .badRequest, "chunk-size", "A chunk's size is not a hexadecimal number of at most 16 digits.",
        "RFC 9112 §7.1")
    static let chunkExtension = MessageRefusal(
        .badRequest, "chunk-extension", "A chunk extension is malformed.", "RFC 9112 §7.1.1")
    static let chunkExtensionsTooLong = MessageRefusal(
        .badRequest, "chunk-extensions-too-long", "The chunk extensions are longer than the limit.",
        "RFC 9112 §7.1.1")
    static let chunkEnd = MessageRefusal(
        .badRequest, "chunk-end", "A chunk's data is not followed by CRLF.", "RFC 9112 §7.1")
    static let incomplete = MessageRefusal(
        .badRequest, "incomplete",
        "The connection's sending side was closed before the request was complete.",
        "RFC 9112 §8")
}

/// Time and expectations, which the connection judges.
extension MessageRefusal {
    static let headTimeout = MessageRefusal(
        .requestTimeout, "head-timeout", "The request's head did not arrive in time.", "RFC 9110 §15.5.9")
    static let bodyTimeout = MessageRefusal(
        .requestTimeout, "body-timeout", "The request's body did not arrive in time, or too slowly.",
        "RFC 9110 §15.5.9")
    static let expectation = MessageRefusal(
        .expectationFailed, "expectation", "Only the expectation 100-continue can be met.",
        "RFC 9110 §10.1.1, RFC 9110 §15.5.18")
}

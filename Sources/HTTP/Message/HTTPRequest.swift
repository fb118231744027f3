/// A request's head: all that is known before its body has been read. An object, because it goes through many hands and
/// none changes it.
package final class RequestHead: Sendable, Equatable {
    package let method: HTTPMethod
    package let target: RequestTarget
    package let version: HTTPVersion
    package let fields: HTTPFields
    /// How the body is framed (RFC 9112 §6.3).
    package let framing: BodyFraming

    package init(
        method: HTTPMethod, target: RequestTarget, version: HTTPVersion, fields: HTTPFields,
        framing: BodyFraming
    ) {
        self.method = method
        self.target = target
        self.version = version
        self.fields = fields
        self.framing = framing
    }

    package static func == (left: RequestHead, right: RequestHead) -> Bool {
        left.method == right.method && left.target == right.target && left.version == right.version
            && left.fields == right.fields && left.framing == right.framing
    }

    /// Whether a body follows.
    var hasBody: Bool { framing != .none && framing != .length(0) }

    /// Whether the client wants the connection kept (RFC 9112 §9.3).
    var keepsConnection: Bool {
        let options = fields.members(.connection)
        if options.contains("close") { return false }
        return version == .http11 || options.contains("keep-alive")
    }
}

/// How the end of a request's body is found (RFC 9112 §6.3).
package enum BodyFraming: Sendable, Equatable {
    case none
    /// Content-Length, in bytes.
    case length(Int)
    case chunked
}

/// A whole request, as a handler sees it.
package struct HTTPRequest: Sendable, Equatable {
    package var head: RequestHead
    /// The body without its framing; content codings are not undone.
    package var body: [UInt8]
    /// Fields that came after a chunked body; they change nothing (RFC 9110 §6.5.1).
    package var trailers: HTTPFields
    /// The parts of the path that the route leaves open, by name.
    package var parameters: [String: String]
    /// The client's `X-Request-Id` where it was acceptable, else a new one. The answer repeats it.
    package var requestID: String
    /// The peer's numeric address.
    package var remoteAddress: String

    package init(
        head: RequestHead, body: [UInt8] = [], trailers: HTTPFields = HTTPFields(),
        parameters: [String: String] = [:], requestID: String = "", remoteAddress: String = ""
    ) {
        self.head = head
        self.body = body
        self.trailers = trailers
        self.parameters = parameters
        self.requestID = requestID
        self.remoteAddress = remoteAddress
    }

    package var method: HTTPMethod { head.method }
    package var target: RequestTarget { head.target }
    package var version: HTTPVersion { head.version }
    package var fields: HTTPFields { head.fields }
}

/// A whole answer. Length, date, server, request id and connection handling are added when it is sent.
package struct HTTPResponse: Sendable, Equatable {
    package var status: HTTPStatus
    /// Content-Length and Transfer-Encoding in here are not sent; `Connection: close` ends the connection.
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer with content of one media type.
    package init(status: HTTPStatus = .ok, contentType: String, body: [UInt8]) {
        self.init(status: status, body: body)
        fields[.contentType] = contentType
    }
}

/// What every connection of a server has in common.
package struct ConnectionRules: Sendable {
    package var limits = MessageLimits()
    package var timeouts = ConnectionTimeouts()
    /// Whether connections are encrypted, which decides the scheme of absolute targets.
    package var isSecure = false
    /// What `Server` says; nil leaves the field out.
    package var serverName: String? = "firstlead"
    /// Fields of every answer that does not set them itself.
    package var standingFields = HTTPFields()
    /// Given, pages of other origins may read answers.
    package var crossOrigin: CrossOrigin?
    /// A body of at most so many bytes is read away after an early answer, and the connection kept.
    package var discardableBytes = 65_536
    /// Bytes of further requests that are taken while one is being answered.
    package var pipelinedBytes = 65_536

    /// Judges a head before its body is read.
    package var gate: @Sendable (RequestHead) -> Admission
    /// The current time as an IMF-fixdate (RFC 9110 §5.6.7).
    package var date: @Sendable () -> String
    package var makeRequestID: @Sendable () -> String

    package init(
        gate: @escaping @Sendable (RequestHead) -> Admission, date: @escaping @Sendable () -> String,
        makeRequestID: @escaping @Sendable () -> String
    ) {
        self.gate = gate
        self.date = date
        self.makeRequestID = makeRequestID
        standingFields[.contentTypeOptions] = "nosniff"
    }
}

/// Whether a request may go on after its head.
package enum Admission: Sendable {
    /// The answer is certain already; `route` is the template that matched, if one did.
    case refuse(HTTPResponse, route: String?)
    case accept(AdmittedRoute)
}

/// Where an admitted request goes.
package struct AdmittedRoute: Sendable {
    package let template: String
    package let parameters: [String: String]
    /// The route's own limit of the body, in bytes; nil for the server's.
    package let maximumBodyBytes: Int?
    package let handler: RequestHandler

    package init(
        template: String, parameters: [String: String] = [:], maximumBodyBytes: Int? = nil,
        handler: @escaping RequestHandler
    ) {
        self.template = template
        self.parameters = parameters
        self.maximumBodyBytes = maximumBodyBytes
        self.handler = handler
    }
}

/// Answers a request, now or later and from any thread, through the responder. It runs on an I/O thread and
/// must not block it.
package typealias RequestHandler = @Sendable (HTTPRequest, Responder) -> Void

/// One request and its answer, for an access log: nothing of the body, the query or the fields.
package struct ExchangeSummary: Sendable, Equatable {
    /// nil when the request line could not be read.
    package var method: HTTPMethod?
    /// The matching route's template, not the path.
    package var route: String?
    /// nil when the connection ended before there was an answer.
    package var status: HTTPStatus?
    /// Bytes of the bodies.
    package var requestBytes: Int
    package var responseBytes: Int
    /// From the head's arrival until the answer was handed to the network.
    package var duration: Duration
    package var requestID: String
    package var remoteAddress: String
    /// Of the caller's `traceparent`, where there was a good one.
    package var traceID: String?
    /// Whether the client's system took the whole answer.
    package var isComplete: Bool

    package init(
        method: HTTPMethod?, route: String?, status: HTTPStatus?, requestBytes: Int, responseBytes: Int,
        duration: Duration, requestID: String, remoteAddress: String, traceID: String? = nil, isComplete: Bool
    ) {
        self.method = method
        self.route = route
        self.status = status
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.duration = duration
        self.requestID = requestID
        self.remoteAddress = remoteAddress
        self.traceID = traceID
        self.isComplete = isComplete
    }
}

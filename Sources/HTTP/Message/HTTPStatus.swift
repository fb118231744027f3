/// A status code, 100 to 599, with its registered reason phrase (RFC 9110 §15, RFC 6585).
package struct HTTPStatus: Sendable, Hashable, CustomStringConvertible {
    package let code: Int

    /// nil outside 100...599 (RFC 9110 §15).
    package init?(_ code: Int) {
        guard (100...599).contains(code) else { return nil }
        self.code = code
    }

    private init(known code: Int) { self.code = code }

    package static let ok = HTTPStatus(known: 200)
    package static let created = HTTPStatus(known: 201)
    package static let accepted = HTTPStatus(known: 202)
    package static let noContent = HTTPStatus(known: 204)
    package static let badRequest = HTTPStatus(known: 400)
    package static let unauthorized = HTTPStatus(known: 401)
    package static let notModified = HTTPStatus(known: 304)
    package static let notFound = HTTPStatus(known: 404)
    package static let methodNotAllowed = HTTPStatus(known: 405)
    package static let notAcceptable = HTTPStatus(known: 406)
    package static let requestTimeout = HTTPStatus(known: 408)
    package static let preconditionFailed = HTTPStatus(known: 412)
    package static let contentTooLarge = HTTPStatus(known: 413)
    package static let uriTooLong = HTTPStatus(known: 414)
    package static let unsupportedMediaType = HTTPStatus(known: 415)
    package static let expectationFailed = HTTPStatus(known: 417)
    package static let misdirectedRequest = HTTPStatus(known: 421)
    package static let unprocessableContent = HTTPStatus(known: 422)
    package static let tooManyRequests = HTTPStatus(known: 429)
    package static let fieldsTooLarge = HTTPStatus(known: 431)
    package static let internalServerError = HTTPStatus(known: 500)
    package static let notImplemented = HTTPStatus(known: 501)
    package static let serviceUnavailable = HTTPStatus(known: 503)
    package static let versionNotSupported = HTTPStatus(known: 505)

    package var description: String { "\(code) \(reason)" }

    /// The registered phrase; empty for a code that is not in the table, which RFC 9112 §4 allows.
    package var reason: String { HTTPStatus.reasons[code] ?? "" }

    /// Whether an answer with this status has no content, whatever its fields say (RFC 9110 §6.4.1).
    package var forbidsContent: Bool { code < 200 || code == 204 || code == 304 }

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted",
        204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]
}

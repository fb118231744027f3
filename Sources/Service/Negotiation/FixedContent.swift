import Bytes
import HTTP
import Scoring

/// Content that does not change while the process runs: compressed once, and named by a validator, so that clients need
/// not fetch it again.
struct FixedContent: Sendable {
    private let mediaType: String
    private let plain: HTTPResponse
    private let compressed: HTTPResponse

    /// Of one media type.
    init(mediaType: String, body: [UInt8]) {
        self.mediaType = mediaType
        // Strong validators, a form each (RFC 9110 §8.8.3.3).
        let tag = Digest(of: body).hexadecimal.prefix(32)
        var plain = HTTPResponse(contentType: mediaType, body: body)
        plain.fields[.vary] = "Accept, Accept-Encoding"
        var compressed = plain
        plain.fields[.etag] = "\"\(tag)\""
        if let member = Deflate.gzip(body, level: 9) {
            compressed.body = member
            compressed.fields[.contentEncoding] = "gzip"
            compressed.fields[.etag] = "\"\(tag)-gzip\""
        } else {
            compressed = plain
        }
        self.plain = plain
        self.compressed = compressed
    }

    /// The content, or that the client has it (304), that what it knows is no longer there (412), or that it takes
    /// another form only (406).
    func answer(_ request: HTTPRequest) -> HTTPResponse {
        let fields = request.fields
        if let refusal = AnswerCoding.refusal(of: fields, mediaType: mediaType) {
            return ProblemTable.response(to: refusal, requestID: request.requestID)
        }
        let chosen = AnswerCoding.prefersGzip(fields) ? compressed : plain
        let tag = chosen.fields[.etag] ?? ""
        // In the order of RFC 9110 §13.2.2; comparison is strong for If-Match, weak for If-None-Match.
        let wanted = fields.members(.ifMatch)
        if !wanted.isEmpty, !wanted.contains("*"), !wanted.contains(tag) {
            return Problem(
                type: Problem.type(for: "precondition-failed"), status: .preconditionFailed,
                detail: "If-Match names another version of this content."
            ).response()
        }
        // Our tags have no comma and no upper case: the members of the field, in lower case, can be compared.
        if fields.members(.ifNoneMatch).contains(where: { ["*", tag, "w/" + tag].contains($0) }) {
            var response = HTTPResponse(status: .notModified)
            for name in [HTTPFieldName.etag, .vary] { response.fields[name] = chosen.fields[name] }
            return response
        }
        return chosen
    }
}

import Bytes
import ECGFormats
import HTTP
import Scoring

/// Content codings of request bodies: gzip and deflate (RFC 9110 §8.4).
enum RequestCoding {
    /// As a 415 lists them (RFC 9110 §15.5.16).
    static let accepted = "gzip, deflate, identity"
    /// Codings on top of each other; nobody needs more, and each costs a pass.
    static let maximumDepth = 2

    /// The codings of a body in the order in which they were applied, `identity` left out.
    ///
    /// Throws: ``Refusal`` `unsupported-coding`.
    static func codings(of fields: HTTPFields) throws(Refusal) -> [Inflate.Wrapper] {
        var wrappers: [Inflate.Wrapper] = []
        for coding in fields.members(.contentEncoding) where coding != "identity" {
            switch coding {
            case "gzip", "x-gzip": wrappers.append(.gzip)
            // "deflate" is the zlib format (RFC 9110 §8.4.1.2).
            case "deflate": wrappers.append(.zlib)
            default: throw unsupported("no coding but \(accepted) is known")
            }
        }
        guard wrappers.count <= maximumDepth else {
            throw unsupported("at most \(maximumDepth) codings may be applied to a body")
        }
        return wrappers
    }

    /// The body without its codings.
    ///
    /// `limit`: bytes that it may have then, at every step.
    ///
    /// Throws: ``Refusal`` `unsupported-coding`, `limit-exceeded`, `truncated` or `malformed`.
    static func decoded(_ request: HTTPRequest, limit: Int) throws(Refusal) -> [UInt8] {
        var body = request.body
        for wrapper in try codings(of: request.fields).reversed() {
            do throws(InflateError) {
                body = try Inflate.inflate(body[...], as: wrapper, limits: .init(bytes: limit))
            } catch { throw Refusal(error) }
        }
        return body
    }

    private static func unsupported(_ detail: String) -> Refusal {
        Refusal(
            code: "unsupported-coding", title: "The content coding is not supported", detail: detail,
            place: "Content-Encoding", remedy: "Send the body as it is, or in gzip.")
    }
}

extension Refusal {
    fileprivate init(_ error: InflateError) {
        let code = FormatError(error).code
        self.init(
            code: code.rawValue,
            title: code == .limitExceeded ? "The body is too large" : "The content coding cannot be undone",
            detail: error.detail, place: error.offset.map { "byte \($0)" })
    }
}

package import Bytes
private import ECG
private import ECGFormats
package import HTTP
package import Scoring

/// From a refusal to a status: the one place where this is decided.
package enum ProblemTable {
    /// Status of each cause; whatever is not listed is an unscorable recording, 422.
    private static let statuses: [String: HTTPStatus] = [
        "empty": .badRequest,
        "malformed": .badRequest,
        "truncated": .badRequest,
        "query-parameter": .badRequest,
        "unsafe-name": .badRequest,
        "missing-part": .badRequest,
        "checksum-mismatch": .badRequest,
        "unknown-format": .unsupportedMediaType,
        "unsupported-coding": .unsupportedMediaType,
        "unsupported-encoding": .unsupportedMediaType,
        "unsupported-media-type": .unsupportedMediaType,
        "not-acceptable": .notAcceptable,
        "limit-exceeded": .contentTooLarge,
        "client-busy": .tooManyRequests,
        "deadline-passed": .serviceUnavailable,
        "client-gone": .requestTimeout,
        "queue-full": .serviceUnavailable,
        "draining": .serviceUnavailable,
        "encoder-failed": .internalServerError,
        "booster-failed": .internalServerError,
    ]

    /// The status that answers a refusal.
    package static func status(of refusal: Refusal) -> HTTPStatus {
        statuses[refusal.code] ?? .unprocessableContent
    }

    /// The problem document of a refusal (RFC 9457), schema `Problem` of openapi.yaml.
    package static func document(of refusal: Refusal, requestID: String?) -> JSONDocument {
        let status = status(of: refusal)
        var members: [JSONDocument.Member] = [
            .init("type", .text("urn:firstlead:problem:" + refusal.code)),
            .init("title", .text(refusal.title)),
            .init("status", .integer(status.code)),
            .init("detail", .text(refusal.detail)),
        ]
        if let requestID { members.append(.init("instance", .text("urn:firstlead:request:" + requestID))) }
        if let part = refusal.part { members.append(.init("part", .text(part))) }
        if let place = refusal.place { members.append(.init("place", .text(place))) }
        if let remedy = refusal.remedy { members.append(.init("remedy", .text(remedy))) }
        return .object(members)
    }

    /// The answer that carries it.
    package static func response(to refusal: Refusal, requestID: String?) -> HTTPResponse {
        var response = HTTPResponse(
            status: status(of: refusal), contentType: "application/problem+json",
            body: document(of: refusal, requestID: requestID).body)
        if response.status == .unsupportedMediaType {
            // RFC 9110 §15.5.16: say what would have been taken.
            if refusal.code == "unsupported-coding" {
                response.fields[.acceptEncoding] = RequestCoding.accepted
            } else {
                response.fields[.accept] = MediaTypes.accepted.joined(separator: ", ")
            }
        }
        return response
    }
}

extension ProblemTable {
    /// Every cause that an answer can have, with its status; docs/errors.md explains each.
    package static var all: [(code: String, status: HTTPStatus)] {
        let unscorable =
            FormatError.Code.allCases.map(\.rawValue) + RecordingError.codes + ["window-outside-recording"]
        let codes = Set(unscorable + statuses.keys).subtracting(["recording"])
        return codes.sorted().map { ($0, statuses[$0] ?? .unprocessableContent) }
    }
}

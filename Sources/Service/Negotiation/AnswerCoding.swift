import Bytes
import HTTP
import Scoring

/// What a client takes as an answer, by media type and by content coding (RFC 9110 §12).
enum AnswerCoding {
    /// Smaller answers fit a packet as they are.
    static let smallestBytes = 1_024

    /// The refusal of a request whose Accept excludes what the route answers; an absent one takes all.
    static func refusal(of fields: HTTPFields, mediaType: String) -> Refusal? {
        guard let wanted = WeightedList(.accept, in: fields), wanted.weight(ofMediaType: mediaType) == 0
        else { return nil }
        return Refusal(
            code: "not-acceptable", title: "The answer has no form that is accepted",
            detail: "this route answers \(mediaType)", place: "Accept")
    }

    /// Whether gzip is wanted at least as much as no coding.
    static func prefersGzip(_ fields: HTTPFields) -> Bool {
        guard let wanted = WeightedList(.acceptEncoding, in: fields) else { return false }
        let gzip = wanted.weight(ofCoding: "gzip")
        return gzip > 0 && gzip >= wanted.weight(ofCoding: "identity")
    }

    /// The answer in the coding that the client prefers. Vary tells caches that it depends on the request, coded
    /// or not (§12.5.5).
    static func coded(_ response: HTTPResponse, for fields: HTTPFields) -> HTTPResponse {
        var response = response
        response.fields[.vary] = "Accept, Accept-Encoding"
        guard response.body.count >= smallestBytes, prefersGzip(fields),
            let member = Deflate.gzip(response.body), member.count < response.body.count
        else { return response }
        response.body = member
        response.fields[.contentEncoding] = "gzip"
        return response
    }
}

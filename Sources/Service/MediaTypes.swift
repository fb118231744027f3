import ECGFormats
package import HTTP
package import Scoring

/// Which bodies are looked at. The content decides the format; a media type that no ECG has is refused early.
package enum MediaTypes {
    /// Accepted without saying anything about the format. curl sends the form type for `--data-binary`.
    private static let unspecific = [
        "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", "application/xml",
        "text/xml",
    ]
    private static let envelopes = [
        "multipart/form-data", "application/zip", "application/x-zip-compressed", "application/x-tar",
        "application/gzip", "application/x-gzip",
    ]

    /// Every accepted type, as a 415 lists them in Accept.
    package static let accepted: [String] =
        FormatRegistry.readers.flatMap { $0.format.mediaTypes } + envelopes + unspecific

    /// The refusal that a request's head already deserves.
    package static func refusal(of head: RequestHead) -> Refusal? {
        do throws(Refusal) { _ = try RequestCoding.codings(of: head.fields) } catch { return error }
        let types = head.fields.values(.contentType)
        guard let type = types.first else { return nil }
        // RFC 9110 §8.3: one sender meant the first, another the last.
        guard types.count == 1 else { return refusal("the media type is given more than once") }
        let essence = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
        guard !accepted.contains(essence) else { return nil }
        return refusal("no ECG format has this media type")
    }

    private static func refusal(_ detail: String) -> Refusal {
        Refusal(
            code: "unsupported-media-type", title: "The media type is not supported", detail: detail,
            place: "Content-Type",
            remedy: "Supported: " + accepted.joined(separator: ", "))
    }
}

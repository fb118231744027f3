/// Why a FLAC stream could not be decoded.
package struct FLACError: Error, Sendable, Equatable {
    /// The kind of defect.
    package enum Kind: Sendable, Equatable {
        case truncated, malformed, checksum, limit
    }

    package let kind: Kind
    /// The byte of the stream at which it shows.
    package let offset: Int
    /// What is wrong, for people.
    package let detail: String

    init(_ kind: Kind, at offset: Int, _ detail: String) {
        self.kind = kind
        self.offset = offset
        self.detail = detail
    }
}

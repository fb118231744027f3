package import Bytes

extension FormatError {
    /// Compressed data, beginning at byte `origin` of a file; `format` names the format that they are part of.
    package init(_ error: InflateError, at origin: Int = 0, format: String? = nil) {
        let code: Code =
            switch error {
            case .truncated: .truncated
            case .corrupt, .trailingBytes: .malformed
            case .limit, .outOfMemory: .limitExceeded
            }
        let place = error.offset ?? (format == nil ? nil : 0)
        self.init(
            code, place: place.map { .byteOffset(origin + $0) },
            detail: (format.map { "\($0): " } ?? "") + error.detail)
    }
}

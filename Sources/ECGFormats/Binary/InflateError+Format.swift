import Bytes

extension FormatError {
    /// Compressed data inside a file of a format, beginning at byte `origin` of it.
    init(_ error: InflateError, at origin: Int, format: String) {
        switch error {
        case .truncated(let offset):
            self.init(
                .truncated, place: .byteOffset(origin + offset),
                detail: "\(format): the compressed data end too early")
        case .corrupt(let offset):
            self.init(
                .malformed, place: .byteOffset(origin + offset),
                detail: "\(format): the compressed data are damaged")
        case .trailingBytes(let offset, let count):
            self.init(
                .malformed, place: .byteOffset(origin + offset),
                detail: "\(format): \(count) bytes follow the compressed data")
        case .limit(let bytes):
            self.init(
                .limitExceeded, place: .byteOffset(origin),
                detail: "\(format): inflates to more than the \(bytes) bytes that are allowed")
        case .outOfMemory:
            self.init(.limitExceeded, place: .byteOffset(origin), detail: "\(format): no memory to inflate")
        }
    }
}

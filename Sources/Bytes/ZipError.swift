/// Why a zip archive, or one entry of it, cannot be read.
package enum ZipError: Error, Sendable, Equatable {
    /// There is no end-of-central-directory record: this is no zip archive, or its end is cut off.
    case noDirectory
    /// A record lies outside the archive.
    case truncated(field: String, offset: Int)
    /// A record does not begin with its signature.
    case signature(field: String, offset: Int)
    /// Fields contradict one another, or entries overlap.
    case inconsistent(field: String, offset: Int)
    /// Something of the format that this reader does not do: encryption, several disks, a method.
    case unsupported(String, entry: Int?)
    /// Two entries of the same name.
    case duplicateName(entry: Int)
    /// More entries, or larger ones, than allowed.
    case limit(field: String, found: Int, allowed: Int)
    /// An entry's data do not inflate.
    case inflate(InflateError, entry: Int)
    /// An entry's inflated data have another size or checksum than the directory says.
    case size(entry: Int, expected: Int, found: Int)
    case checksum(entry: Int, expected: UInt32, found: UInt32)
}

extension ZipError {
    init(_ error: ByteError) {
        switch error {
        case .truncated(let field, let offset, _, _): self = .truncated(field: field, offset: offset)
        }
    }
}

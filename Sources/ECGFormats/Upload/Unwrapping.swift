private import Bytes

/// Takes files out of gzip, zip and tar, within limits on size, number and nesting.
struct Unwrapping {
    private(set) var parts: [UploadPart] = []
    private(set) var notes: [String] = []
    private var size = 0
    /// Bytes of every container met: they cost time, though nothing of them is kept.
    private var containerBytes = 0

    /// Adds a file, or the files in it when it is a container by its content.
    mutating func add(_ part: UploadPart, nesting: Int) throws(FormatError) {
        try PartName.check(part.name)
        guard try !leavesOut(part.name) else { return }
        guard let container = Container(part.bytes) else { return try addFile(part) }
        containerBytes += part.bytes.count
        guard containerBytes <= Upload.Limits.containerBytes else {
            throw FormatError(
                .limitExceeded, part: part.name,
                detail: "more than \(Upload.Limits.containerBytes) bytes of containers within one another")
        }
        guard nesting > 0 else {
            throw FormatError(
                .limitExceeded, part: part.name,
                detail: "containers nested more than \(Upload.Limits.nesting) deep")
        }
        do throws(FormatError) {
            switch container {
            case .gzip: try addGzip(part, nesting: nesting)
            case .zip: try addZip(part, nesting: nesting)
            case .tar: try addTar(part, nesting: nesting)
            }
        } catch { throw error.of(part: part.name) }
    }

    /// Whether a file is one that operating systems add by themselves: it is noted, and never inflated.
    private mutating func leavesOut(_ name: String) throws(FormatError) -> Bool {
        guard PartName.isSystemFile(name) else { return false }
        guard notes.count < Upload.Limits.parts else {
            throw FormatError(.limitExceeded, detail: "more than \(Upload.Limits.parts) files to leave out")
        }
        notes.append("left out \(token(PartName.lastComponent(name)))")
        return true
    }

    private mutating func addFile(_ part: UploadPart) throws(FormatError) {
        guard parts.count < Upload.Limits.parts else {
            throw FormatError(.limitExceeded, detail: "more than \(Upload.Limits.parts) files")
        }
        guard part.bytes.count <= remaining else { throw .tooLarge }
        size += part.bytes.count
        parts.append(part)
    }

    private var remaining: Int { Upload.Limits.bytes - size }

    private mutating func addGzip(_ part: UploadPart, nesting: Int) throws(FormatError) {
        let content: [UInt8]
        do {
            content = try Inflate.inflate(part.bytes[...], as: .gzip, limits: .init(bytes: remaining))
        } catch { throw FormatError(error) }
        let isNamed = part.name.lowercased().hasSuffix(".gz")
        let name = isNamed ? String(part.name.dropLast(3)) : part.name
        try add(UploadPart(name: name, mediaType: nil, bytes: content), nesting: nesting - 1)
    }

    private mutating func addZip(_ part: UploadPart, nesting: Int) throws(FormatError) {
        let archive: ZipArchive
        do {
            archive = try ZipArchive(bytes: part.bytes, maximumEntries: 16 * Upload.Limits.parts)
        } catch { throw FormatError(error) }
        for entry in archive.entries where !entry.isDirectory {
            try PartName.check(entry.name)
            guard try !leavesOut(entry.name) else { continue }
            let content: [UInt8]
            do {
                content = try archive.data(of: entry, limit: remaining)
            } catch { throw FormatError(error).of(part: entry.name) }
            try add(UploadPart(name: entry.name, mediaType: nil, bytes: content), nesting: nesting - 1)
        }
    }

    private mutating func addTar(_ part: UploadPart, nesting: Int) throws(FormatError) {
        let archive: TarArchive
        do {
            archive = try TarArchive(bytes: part.bytes, maximumEntries: 16 * Upload.Limits.parts)
        } catch { throw FormatError(error) }
        for entry in archive.entries {
            try PartName.check(entry.name)
            guard try !leavesOut(entry.name) else { continue }
            let content = archive.data(of: entry)
            try add(UploadPart(name: entry.name, mediaType: nil, bytes: content), nesting: nesting - 1)
        }
    }
}

private enum Container {
    case gzip, zip, tar

    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
            self = .zip
        } else if TarArchive.isTar(bytes) {
            self = .tar
        } else {
            return nil
        }
    }
}

extension FormatError {
    fileprivate init(_ error: ZipError) {
        switch error {
        case .noDirectory:
            self.init(.truncated, detail: "the zip archive has no end-of-central-directory record")
        case .truncated(let field, let offset):
            self.init(
                .truncated, place: .byteOffset(offset), detail: "zip: \(field) lies outside the archive")
        case .signature(let field, let offset):
            self.init(.malformed, place: .byteOffset(offset), detail: "zip: no signature of a \(field)")
        case .inconsistent(let field, let offset):
            self.init(
                .malformed, place: .byteOffset(offset), detail: "zip: \(field) contradicts other fields")
        case .unsupported(let what, _): self.init(.unsupportedEncoding, detail: "zip: \(what) is not read")
        case .duplicateName: self.init(.ambiguousUpload, detail: "zip: two entries have the same name")
        case .limit(let field, let found, let allowed):
            self.init(.limitExceeded, detail: "zip: \(field) is \(found), at most \(allowed) is allowed")
        case .inflate(let cause, _): self.init(cause)
        case .size(_, let expected, let found):
            self.init(.malformed, detail: "zip: an entry inflates to \(found) bytes, expected \(expected)")
        case .checksum(_, let expected, let found):
            self.init(.checksumMismatch, detail: "zip: CRC-32 is \(found), expected \(expected)")
        }
    }

    fileprivate init(_ error: TarError) {
        switch error {
        case .truncated(let offset, let needed, let available):
            self.init(
                .truncated, place: .byteOffset(offset),
                detail: "tar: \(available) bytes left, expected \(needed)")
        case .checksum(let offset):
            self.init(
                .checksumMismatch, place: .byteOffset(offset), detail: "tar: a header's checksum is wrong")
        case .field(let name, let offset):
            self.init(.malformed, place: .byteOffset(offset), detail: "tar: \(name) cannot be read")
        case .unsupported(let type, let offset):
            self.init(
                .unsupportedEncoding, place: .byteOffset(offset),
                detail: "tar: an entry of type \(type) is not read, expected files and folders")
        case .limit(let entries): self.init(.limitExceeded, detail: "tar: more than \(entries) entries")
        }
    }
}

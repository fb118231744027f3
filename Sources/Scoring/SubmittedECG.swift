package import Bytes
package import ECGFormats

/// An ECG as a client handed it in, with the digest by which every answer names it.
package struct SubmittedECG: Sendable {
    package let upload: Upload
    /// SHA-256 of the bytes received. For an ECG of several files: of the lines "digest, two blanks, name, line
    /// feed" of its files, sorted by name (what `sha256sum` prints), so that it does not depend on the envelope.
    package let digest: Digest
    package let byteCount: Int

    /// One body, as HTTP delivers it.
    ///
    /// Throws: ``FormatError`` when the envelope (multipart, zip, tar, gzip) cannot be opened.
    package init(body: [UInt8], mediaType: String?, fileName: String = "") throws(FormatError) {
        if let mediaType, mediaType.lowercased().hasPrefix("multipart/") {
            upload = try Upload(multipart: body, contentType: mediaType)
            let files = upload.parts.map { (name: $0.fileName, bytes: $0.bytes) }
            digest = Self.digest(of: files)
            byteCount = files.reduce(0) { $0 + $1.bytes.count }
        } else {
            upload = try Upload(body: body, mediaType: mediaType, fileName: fileName)
            digest = Digest(of: body)
            byteCount = body.count
        }
    }

    /// Files that belong together, as the command line reads them.
    ///
    /// Throws: ``FormatError`` when an envelope cannot be opened.
    package init(files: [(name: String, bytes: [UInt8])]) throws(FormatError) {
        upload = try Upload(files: files)
        digest = Self.digest(of: files)
        byteCount = files.reduce(0) { $0 + $1.bytes.count }
    }

    private static func digest(of files: [(name: String, bytes: [UInt8])]) -> Digest {
        if files.count == 1 { return Digest(of: files[0].bytes) }
        let lines = files.sorted { $0.name < $1.name }.map { "\(Digest(of: $0.bytes))  \($0.name)\n" }
        return Digest(of: Array(lines.joined().utf8))
    }
}

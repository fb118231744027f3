/// A file of an upload.
package struct UploadPart: Sendable {
    /// As the sender named it, "" when it did not; may have folders in front. Never used as a path.
    package let name: String
    package let mediaType: String?
    package let bytes: [UInt8]

    package init(name: String, mediaType: String?, bytes: [UInt8]) {
        self.name = name
        self.mediaType = mediaType
        self.bytes = bytes
    }

    /// The last component of the name.
    package var fileName: String { PartName.lastComponent(name) }
}

/// A text field of a form: what the client states because the file does not.
package struct UploadField: Sendable, Equatable {
    /// Names that are fields; a part of another name is a file, even without a file name.
    package static let names: Set<String> = ["sampleRate", "units", "leads", "format", "start"]
    static let maximumBytes = 1_024

    package let name: String
    package let value: String
}

/// One or more files that belong to one ECG, freed from their containers.
package struct Upload: Sendable {
    package let parts: [UploadPart]
    /// Text fields of a form, in its order; none for other uploads.
    package let fields: [UploadField]
    /// What was left out on the way.
    package let notes: [String]

    /// What an upload may cost.
    package enum Limits {
        /// Bytes of all parts together, inflated.
        package static let bytes = 32 << 20
        /// Bytes of all containers together, inner ones as they come out of the outer ones.
        package static let containerBytes = 4 * bytes
        package static let parts = 64
        /// Containers inside one another: a zip in a form, a tar in a gzip.
        package static let nesting = 2
    }

    /// One body, which may be a gzip, zip or tar of the files.
    ///
    /// Throws: ``FormatError``.
    package init(body: [UInt8], mediaType: String?, fileName: String) throws(FormatError) {
        let media = mediaType.map { ContentType($0).mediaType }
        try self.init(
            unwrapping: [UploadPart(name: fileName, mediaType: media, bytes: body)], nesting: Limits.nesting)
    }

    /// Files by name, as a command line collects them; folders in front of a name are dropped.
    ///
    /// Throws: ``FormatError``.
    package init(files: [(name: String, bytes: [UInt8])]) throws(FormatError) {
        let parts = files.map {
            UploadPart(name: PartName.lastComponent($0.name), mediaType: nil, bytes: $0.bytes)
        }
        try self.init(unwrapping: parts, nesting: Limits.nesting)
    }

    /// A form (RFC 7578), whose parts may be containers in their turn.
    ///
    /// Throws: ``FormatError``.
    package init(multipart body: [UInt8], contentType: String) throws(FormatError) {
        guard body.count <= Limits.bytes else { throw .tooLarge }
        let form = try MultipartForm(body: body, contentType: contentType)
        try self.init(unwrapping: form.parts, fields: form.fields, nesting: Limits.nesting - 1)
    }

    private init(
        unwrapping parts: [UploadPart], fields: [UploadField] = [], nesting: Int
    ) throws(FormatError) {
        var unwrapping = Unwrapping()
        for part in parts { try unwrapping.add(part, nesting: nesting) }
        self.parts = unwrapping.parts
        self.notes = unwrapping.notes
        self.fields = fields
    }
}

extension FormatError {
    static var tooLarge: FormatError {
        FormatError(.limitExceeded, detail: "more than \(Upload.Limits.bytes) bytes of content")
    }
}

/// Names of files inside an upload.
enum PartName {
    /// Refuses a name that would lead out of a folder, were it used as a path. (None ever is.)
    ///
    /// Throws: ``FormatError`` `unsafe-name`.
    static func check(_ name: String) throws(FormatError) {
        let components = name.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
        let isAbsolute = name.first.map(isSeparator) ?? false
        let hasDrive = name.dropFirst().first == ":" && (name.first?.isLetter ?? false)
        let hasControl = name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        guard !isAbsolute, !hasDrive, !hasControl, !components.contains("..") else {
            throw FormatError(
                .unsafeName, detail: "the file name '\(token(name))' is not allowed, expected a relative one")
        }
    }

    static func lastComponent(_ name: String) -> String {
        String(name.split(omittingEmptySubsequences: false, whereSeparator: isSeparator).last ?? "")
    }

    /// What operating systems add to archives by themselves.
    static func isSystemFile(_ name: String) -> Bool {
        let last = lastComponent(name)
        return name.split(whereSeparator: isSeparator).first == "__MACOSX" || last == ".DS_Store"
            || last == "Thumbs.db" || last == "desktop.ini" || last.hasPrefix("._")
    }

    private static func isSeparator(_ character: Character) -> Bool { character == "/" || character == "\\" }
}

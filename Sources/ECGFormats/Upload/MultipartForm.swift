/// The files of a multipart/form-data body (RFC 7578; delimiters and headers by RFC 2046 section 5.1).
struct MultipartForm {
    private(set) var parts: [UploadPart] = []
    /// What the form states beside its files.
    private(set) var fields: [UploadField] = []

    private static let maximumHeaderBytes = 8_192
    private static let boundaryCharacters = Set(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ".utf8)

    /// Throws: ``FormatError``.
    init(body: [UInt8], contentType: String) throws(FormatError) {
        let boundary = try Self.boundary(of: contentType)
        var scanner = Scanner(body: body, delimiter: Array("\r\n--".utf8) + boundary)
        try scanner.skipPreamble()
        while try scanner.startsPart() {
            let headerStart = scanner.index
            let headers = try scanner.headers(atMost: Self.maximumHeaderBytes)
            let content = try scanner.content()
            if let field = Self.field(headers, content) {
                fields.append(field)
                continue
            }
            guard let part = try Self.part(headers, content, at: headerStart) else { continue }
            guard parts.count < Upload.Limits.parts else {
                throw FormatError(.limitExceeded, detail: "more than \(Upload.Limits.parts) parts")
            }
            parts.append(part)
        }
    }

    private static func boundary(of contentType: String) throws(FormatError) -> [UInt8] {
        let type = ContentType(contentType)
        guard type.mediaType == "multipart/form-data" else {
            throw FormatError(
                .malformed, place: .field("Content-Type"), detail: "expected multipart/form-data")
        }
        let boundary = Array((type.parameters["boundary"] ?? "").utf8)
        guard (1...70).contains(boundary.count), boundary.last != 0x20,
            boundary.allSatisfy(boundaryCharacters.contains)
        else {
            throw FormatError(
                .malformed, place: .field("Content-Type"),
                detail: "boundary is missing or not 1 to 70 of the characters that RFC 2046 allows")
        }
        return boundary
    }

    /// A part that is no file and has the name of something a client may state.
    private static func field(_ headers: [String: String], _ content: ArraySlice<UInt8>) -> UploadField? {
        let parameters = ContentType(headers["content-disposition"] ?? "").parameters
        guard parameters["filename"] == nil, let name = parameters["name"], UploadField.names.contains(name),
            content.count <= UploadField.maximumBytes
        else { return nil }
        return UploadField(name: name, value: String(decoding: content, as: UTF8.self))
    }

    /// The part that headers and content make; nil for a file field that was left empty.
    private static func part(
        _ headers: [String: String], _ content: ArraySlice<UInt8>, at offset: Int
    ) throws(FormatError) -> UploadPart? {
        let disposition = ContentType(headers["content-disposition"] ?? "")
        guard disposition.mediaType == "form-data" else {
            throw FormatError(
                .malformed, place: .byteOffset(offset),
                detail: "a part without 'Content-Disposition: form-data'")
        }
        let encoding = headers["content-transfer-encoding"]?.lowercased() ?? "binary"
        guard ["binary", "8bit", "7bit"].contains(encoding) else {
            throw FormatError(
                .unsupportedEncoding, place: .byteOffset(offset),
                detail: "Content-Transfer-Encoding '\(token(encoding))' is not read (RFC 7578, 4.7)")
        }
        let name = disposition.parameters["filename"] ?? ""
        guard !(name.isEmpty && content.isEmpty) else { return nil }
        let mediaType = headers["content-type"].map { ContentType($0).mediaType }
        return UploadPart(name: name, mediaType: mediaType, bytes: Array(content))
    }
}

/// Walks over a body: delimiter, headers, content, delimiter, ...
private struct Scanner {
    let body: [UInt8]
    /// CR LF and two hyphens in front of the boundary.
    let delimiter: [UInt8]
    private(set) var index = 0

    init(body: [UInt8], delimiter: [UInt8]) {
        self.body = body
        self.delimiter = delimiter
    }

    /// Moves behind the first delimiter, which may stand at the very start without its CR LF.
    mutating func skipPreamble() throws(FormatError) {
        if body.starts(with: delimiter.dropFirst(2)) {
            index = delimiter.count - 2
        } else {
            _ = try content()
        }
    }

    /// Reads what follows a delimiter: a line end, or the two hyphens of the last one.
    mutating func startsPart() throws(FormatError) -> Bool {
        if body[index...].starts(with: [0x2D, 0x2D]) { return false }
        while index < body.count, body[index] == 0x20 || body[index] == 0x09 { index += 1 }
        guard body[index...].starts(with: [0x0D, 0x0A]) else {
            throw error(index >= body.count ? .truncated : .malformed, "no line end after the boundary")
        }
        index += 2
        return true
    }

    /// Header fields by lower-case name, up to and with the empty line.
    mutating func headers(atMost limit: Int) throws(FormatError) -> [String: String] {
        var headers: [String: String] = [:]
        let start = index
        while true {
            guard let end = find([0x0D, 0x0A], before: start + limit) else {
                throw error(
                    body.count - start > limit ? .limitExceeded : .truncated,
                    "no end of the part's headers within \(limit) bytes")
            }
            let line = String(decoding: body[index..<end], as: UTF8.self)
            index = end + 2
            guard !line.isEmpty else { return headers }
            guard let colon = line.firstIndex(of: ":") else {
                throw error(.malformed, "a header line without a colon")
            }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmed
        }
    }

    /// Everything up to the next delimiter; moves behind it.
    mutating func content() throws(FormatError) -> ArraySlice<UInt8> {
        let start = index
        // The delimiter's CR LF may be the one that ended the headers: an empty part.
        if start >= 2 { index -= 2 }
        guard let end = find(delimiter, before: body.count) else {
            index = start
            throw error(.truncated, "the closing boundary is missing")
        }
        index = end + delimiter.count
        return body[start..<max(start, end)]
    }

    private func find(_ pattern: [UInt8], before limit: Int) -> Int? {
        let last = min(limit, body.count) - pattern.count
        guard let first = pattern.first, index <= last else { return nil }
        for place in index...last where body[place] == first && body[place...].starts(with: pattern) {
            return place
        }
        return nil
    }

    private func error(_ code: FormatError.Code, _ detail: String) -> FormatError {
        FormatError(code, place: .byteOffset(index), detail: "multipart: \(detail)")
    }
}

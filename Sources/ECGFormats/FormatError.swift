package import ECG

/// Why an upload is no ECG that can be used: what, in which file, where, what was found and expected.
///
/// The text never repeats the content of the file beyond one short, escaped token, as that content can
/// identify a patient.
package struct FormatError: Error, Sendable, Equatable {
    /// The cause, stable across versions.
    package enum Code: String, Sendable, CaseIterable {
        /// No bytes at all.
        case empty
        case unknownFormat = "unknown-format"
        /// The content is of another format than the client says.
        case formatConflict = "format-conflict"
        /// More than one ECG, or files that do not belong together.
        case ambiguousUpload = "ambiguous-upload"
        case malformed
        case truncated
        case checksumMismatch = "checksum-mismatch"
        /// Valid, but of a kind that is not read.
        case unsupportedEncoding = "unsupported-encoding"
        case limitExceeded = "limit-exceeded"
        /// A file name that leads out of the upload.
        case unsafeName = "unsafe-name"
        /// A file that another one names is not there.
        case missingPart = "missing-part"
        case sampleRateMissing = "sample-rate-missing"
        case sampleRateConflict = "sample-rate-conflict"
        case unitMissing = "unit-missing"
        case unitConflict = "unit-conflict"
        case unitUnknown = "unit-unknown"
        case leadNamesMissing = "lead-names-missing"
        case leadNamesConflict = "lead-names-conflict"
        /// The file is sound; its signals are no 12-lead ECG: see ``FormatError/recording``.
        case recording
    }

    /// Where in the file.
    package enum Place: Sendable, Equatable {
        case byteOffset(Int)
        /// Counted from 1; the column counts cells.
        case line(Int, column: Int?)
        /// RFC 6901.
        case pointer(String)
        /// Path of an XML element from the root, with numbers where siblings have the same name.
        case element(String)
        case field(String)
    }

    package let code: Code
    /// Name of the file within the upload, if it has one.
    package var part: String?
    package let place: Place?
    /// A sentence: what was found, what was expected, and the remedy where there is one.
    package let detail: String
    /// The cause behind `Code.recording`.
    package let recording: RecordingError?

    package init(
        _ code: Code, part: String? = nil, place: Place? = nil, detail: String,
        recording: RecordingError? = nil
    ) {
        self.code = code
        self.part = part.flatMap { $0.isEmpty ? nil : token($0, limit: 80) }
        self.place = place
        self.detail = detail
        self.recording = recording
    }

    /// For people: file, place, detail.
    package var message: String {
        [part, place.map(\.description), detail].compactMap(\.self).joined(separator: ": ")
    }

    /// The same error, said of a file unless it names one.
    func of(part name: String) -> FormatError {
        guard part == nil else { return self }
        return FormatError(code, part: name, place: place, detail: detail, recording: recording)
    }
}

extension FormatError.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byteOffset(let offset): "byte \(offset)"
        case .line(let line, column: nil): "line \(line)"
        case .line(let line, let column?): "line \(line), column \(column)"
        case .pointer(let pointer): pointer.isEmpty ? "top level" : pointer
        case .element(let path): "element \(path)"
        case .field(let name): "field \(name)"
        }
    }
}

extension FormatError {
    /// What makes signals no recording, as an error of this stage.
    init(_ error: RecordingError, part: String? = nil, place: Place? = nil) {
        var shown = error
        if case .unknownLead(let name) = error { shown = .unknownLead(name: label(name)) }
        self.init(.recording, part: part, place: place, detail: shown.message, recording: shown)
    }
}

/// A file's own word for a message: control characters escaped, at most `limit` characters.
func token(_ text: some StringProtocol, limit: Int = 40) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
        guard shown.unicodeScalars.count < limit else { return shown + "..." }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// A lead's name or a unit for a message: whole if it is short enough to be one, else only how long it is. What stands where
/// a label is expected can be a person's name.
func label(_ text: some StringProtocol) -> String {
    text.count <= 4 ? token(text) : "... (\(text.count) characters)"
}

/// A label in quotation marks.
func word(_ text: some StringProtocol) -> String { "'\(label(text))'" }

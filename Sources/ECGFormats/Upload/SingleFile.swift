import ECG

/// Reading an upload of one file, whose name goes into every error.
enum SingleFile {
    /// Throws: ``FormatError``.
    static func read(
        _ upload: Upload, as format: ECGFormat, _ body: ([UInt8]) throws(FormatError) -> Recording
    ) throws(FormatError) -> Recording {
        guard upload.parts.count == 1, let part = upload.parts.first else {
            throw FormatError(
                .ambiguousUpload, detail: "\(upload.parts.count) files, expected one \(format.name) file")
        }
        do throws(FormatError) { return try body(part.bytes) } catch { throw error.of(part: part.name) }
    }
}

extension FormatError {
    /// Signals that are no recording, as the element that holds them.
    static func building(
        _ place: Place?, _ body: () throws(RecordingError) -> Recording
    ) throws(FormatError) -> Recording {
        do throws(RecordingError) { return try body() } catch { throw FormatError(error, place: place) }
    }
}

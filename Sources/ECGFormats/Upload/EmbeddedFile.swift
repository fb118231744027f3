private import Bytes
import ECG

/// A file inside a message: base64 that some reader of another format takes.
struct EmbeddedFile {
    let bytes: [UInt8]
    let place: FormatError.Place

    /// Reads the first file that a reader recognises, if no other of the same format holds another ECG. Messages within
    /// messages are not unwrapped.
    ///
    /// Throws: ``FormatError``; `unknown-format` says what the first file looks like, `ambiguous-upload` of two ECGs.
    static func read(_ files: [EmbeddedFile], options: ReadOptions) throws(FormatError) -> Recording {
        var found: (reader: any FormatReader.Type, recording: Recording)?
        for file in files {
            let upload = try Upload(body: file.bytes, mediaType: nil, fileName: "")
            guard let reader = reader(of: upload), found == nil || found?.reader == reader else { continue }
            guard let first = found?.recording else {
                found = (reader, try file.recording(upload, by: reader, options))
                continue
            }
            // A second file that is no ECG, such as a report in the same format, changes nothing.
            guard let other = try? file.recording(upload, by: reader, options),
                !other.millivolts.elementsEqual(first.millivolts, by: { $0.bitPattern == $1.bitPattern })
            else { continue }
            throw FormatError(
                .ambiguousUpload, place: file.place,
                detail: "a second \(reader.format.name) file holds another ECG: send one")
        }
        guard let (reader, first) = found else { throw nothingKnown(files) }
        var recording = first
        recording.remarks.append("an embedded \(reader.format.name) file is used")
        return recording
    }

    private static func reader(of upload: Upload) -> (any FormatReader.Type)? {
        FormatRegistry.readers.first {
            $0 != HL7v2Reader.self && $0 != NEMSISReader.self && $0.recognises(upload)
        }
    }

    private func recording(
        _ upload: Upload, by reader: any FormatReader.Type, _ options: ReadOptions
    ) throws(FormatError) -> Recording {
        var inner = options
        if !reader.takesLeadOrder { inner.leadOrder = nil }
        do throws(FormatError) { return try reader.read(upload, options: inner) } catch {
            let inside = error.place.map { ", \($0.description)" } ?? ""
            throw FormatError(
                error.code, place: place, detail: "embedded \(reader.format.name)\(inside): \(error.detail)",
                recording: error.recording)
        }
    }

    private static func nothingKnown(_ files: [EmbeddedFile]) -> FormatError {
        guard let first = files.first else {
            return FormatError(.unknownFormat, detail: "no file is embedded, expected one in base64")
        }
        return FormatError(
            .unknownFormat, place: first.place,
            detail: "what is embedded looks like \(ContentKind(first.bytes).description)")
    }
}

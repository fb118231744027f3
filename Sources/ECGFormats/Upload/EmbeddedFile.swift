private import Bytes
import ECG

/// A file inside a message: base64 that some reader of another format takes.
struct EmbeddedFile {
    let bytes: [UInt8]
    let place: FormatError.Place

    /// Reads the first file that a reader recognises. Messages within messages are not unwrapped.
    ///
    /// Throws: ``FormatError``; `unknown-format` says what the first file looks like.
    static func read(_ files: [EmbeddedFile], options: ReadOptions) throws(FormatError) -> Recording {
        for file in files {
            let upload = try Upload(body: file.bytes, mediaType: nil, fileName: "")
            guard
                let reader = FormatRegistry.readers.first(where: {
                    $0 != HL7v2Reader.self && $0 != NEMSISReader.self && $0.recognises(upload)
                })
            else { continue }
            var inner = options
            if !reader.takesLeadOrder { inner.leadOrder = nil }
            var recording: Recording
            do throws(FormatError) { recording = try reader.read(upload, options: inner) } catch {
                let inside = error.place.map { ", \($0.description)" } ?? ""
                throw FormatError(
                    error.code, place: file.place,
                    detail: "embedded \(reader.format.name)\(inside): \(error.detail)",
                    recording: error.recording)
            }
            recording.remarks.append("an embedded \(reader.format.name) file is used")
            return recording
        }
        guard let first = files.first else {
            throw FormatError(.unknownFormat, detail: "no file is embedded, expected one in base64")
        }
        throw FormatError(
            .unknownFormat, place: first.place,
            detail: "what is embedded looks like \(ContentKind(first.bytes).description)")
    }
}

package import ECG

/// Reads a WFDB record: a header and the signal files that it names; or the header of a record of several segments, theirs
/// and their signal files.
package enum WFDBReader: FormatReader {
    package static let takesLeadOrder = true

    package static let format = ECGFormat(
        id: "wfdb", name: "WFDB", mediaTypes: ["application/x-wfdb"], fileExtensions: ["hea", "dat"])

    package static func recognises(_ upload: Upload) -> Bool {
        upload.parts.contains { WFDBHeader.recognises($0.bytes) }
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        let part = try main(of: upload)
        do throws(FormatError) {
            let header = try WFDBHeader(part.bytes)
            return try recording(header, files: upload.parts, options)
        } catch { throw error.of(part: part.name) }
    }

    /// The one header, or the one of several that has the others as its segments.
    private static func main(of upload: Upload) throws(FormatError) -> UploadPart {
        let headers = upload.parts.filter { WFDBHeader.recognises($0.bytes) }
        guard let first = headers.first else {
            throw FormatError(.missingPart, detail: "no WFDB header among the files")
        }
        guard headers.count > 1 else { return first }
        // A damaged one is taken as well: reading it says what is wrong.
        if let part = headers.first(where: { WFDBHeader.announcesSegments($0.bytes) }) {
            guard let header = try? WFDBHeader(part.bytes) else { return part }
            let names = Set(header.segments.compactMap(\.headerName)).union([part.fileName])
            if headers.allSatisfy({ names.contains($0.fileName) }) { return part }
        }
        throw FormatError(.ambiguousUpload, detail: "\(headers.count) WFDB headers, expected one record")
    }

    private static func recording(
        _ header: WFDBHeader, files: [UploadPart], _ options: ReadOptions
    ) throws(FormatError) -> Recording {
        // Before samples are read: what is missing is the sender's to state.
        if header.samplingFrequency == nil, options.sampleRate == nil { throw noRate }
        let (storage, perFrame, remarks) = try samples(header, files, options)
        let rate = try sampleRate(of: header, times: perFrame, options)
        var recording = try FormatError.building(nil) { () throws(RecordingError) in
            try Recording(storage, sampleRate: rate, remarks: remarks)
        }
        recording.localStartTime = header.localStartTime
        return recording
    }

    /// All samples, of a record of one segment or of several, and how many a lead has in a frame.
    private static func samples(
        _ header: WFDBHeader, _ files: [UploadPart], _ options: ReadOptions
    ) throws(FormatError) -> (RecordingStorage, perFrame: Int, remarks: [String]) {
        guard header.segments.isEmpty else {
            let leads = try WFDBSegments(header, files: files, options)
            let storage = try RecordingStorage.filled(
                leads.names, sampleCount: leads.millivolts.first?.count ?? 0, place: nil
            ) { .millivolts(leads.millivolts[$0]) }
            return (storage, leads.samplesPerFrame, leads.remarks)
        }
        let leads = try WFDBLeads(header, files: files, options)
        let storage = try RecordingStorage.filled(
            leads.names, sampleCount: leads.sampleCount, place: nil
        ) { leads.samples(of: $0) }
        return (storage, leads.samplesPerFrame, leads.remarks)
    }

    /// Frames a second, of which each has some samples of a lead.
    private static func sampleRate(
        of header: WFDBHeader, times perFrame: Int, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        guard let hertz = header.samplingFrequency else {
            if let stated = options.sampleRate { return stated }
            throw noRate
        }
        return try Signals.rate(
            hertz: hertz * Double(perFrame), place: .field("sampling frequency"), options: options)
    }

    private static var noRate: FormatError {
        FormatError(
            .sampleRateMissing, place: .field("sampling frequency"),
            detail: "WFDB: the record line has no sampling frequency; state the sample rate")
    }
}

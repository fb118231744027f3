private import Bytes
package import ECG

/// Reads HL7 version 2 result messages (ORU^R01, ORU^W01) that carry an ECG.
///
///     MSH|^~\&|...                       separators; segments end with CR (LF is taken too), MLLP framing is left out
///     OBR|..| OBR-7: begin
///     OBX|n|NM|..^MDC_ATTR_SAMP_RATE^MDC||500|..^MDC_DIM_PER_SEC^MDC
///     OBX|n|NM|..^MDC_ATTR_NU_MSMT_RES^MDC||2.5|..^MDC_DIM_MICRO_VOLT^MDC
///     OBX|n|NA|131329^MDC_ECG_ELEC_POTL_I^MDC||70^70^73...           one a lead
///     OBX|n|ED|..||source^Application^XML^Base64^...                 any format that is read, whole
///
/// A batch (BHS, FHS) is read if one message of it can hold an ECG. A file in ED is preferred to NA samples. Source: HL7 2.6
/// chapters 2 and 7; IHE PCD Waveform Content Module (NA samples with MDC codes).
package enum HL7v2Reader: FormatReader {
    package static let format = ECGFormat(
        id: "hl7v2", name: "HL7 v2", mediaTypes: ["application/hl7-v2", "x-application/hl7-v2+er7"],
        fileExtensions: ["hl7"])

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return HL7v2Batch.recognises(bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(HL7v2Batch(bytes).single(), options)
        }
    }

    private static func recording(_ message: HL7v2Message, _ options: ReadOptions) throws(FormatError)
        -> Recording
    {
        let files = try embedded(message)
        let waveforms = try HL7v2Waveforms(message, options)
        if waveforms.signals.isEmpty {
            guard !files.isEmpty else {
                throw FormatError(
                    .recording, detail: "no OBX holds an ECG: neither NA samples nor a file in ED",
                    recording: .missingLeads(Lead.independent))
            }
            return try EmbeddedFile.read(files, options: options)
        }
        if let whole = try? EmbeddedFile.read(files, options: options) { return whole }
        let rate = try waveforms.agreedRate(options)
        let (utc, local) = HL7Time.parse(message.segments("OBR").first?.field(7))
        var recording = try FormatError.building(.field("OBX-5")) { () throws(RecordingError) in
            try Recording(signals: waveforms.signals, sampleRate: rate, startTime: utc)
        }
        recording.localStartTime = local
        return recording
    }

    /// Files in OBX segments of type ED.
    private static func embedded(_ message: HL7v2Message) throws(FormatError) -> [EmbeddedFile] {
        var files: [EmbeddedFile] = []
        for segment in message.segments("OBX") where segment.field(2) == "ED" {
            let components = segment.components(5)
            guard components.count >= 5, components[3].lowercased() == "base64" else { continue }
            do {
                files.append(
                    EmbeddedFile(bytes: try Base64.decode(Array(components[4].utf8)), place: segment.place(5))
                )
            } catch {
                throw FormatError(
                    .malformed, place: segment.place(5), detail: "the embedded file is no base64")
            }
        }
        return files
    }
}

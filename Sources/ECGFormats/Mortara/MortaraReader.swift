import ECG

/// Reads Mortara / Welch Allyn ELI XML (ELI Link, Athena).
///
///     ECG ACQUISITION_TIME="YYYYMMDDHHMMSS"
///       SOURCE MANUFACTURER MODEL
///       CHANNEL NAME SAMPLE_FREQ UNITS_PER_MV BITS="16" FORMAT="SIGNED" ENCODING="BASE64" DURATION OFFSET DATA ...
///       TYPICAL_CYCLE/TYPICAL_CYCLE_CHANNEL ...              averaged beat: not read
///
/// The samples are in the attribute DATA: base64, int16 little-endian; DURATION counts them. Source: public readers of
/// the format (ecg2dcm 1.3.1, ecgdatakit 2.0.3), against which it is checked.
package enum MortaraReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "mortara", name: "Mortara ELI XML", mediaTypes: ["application/x-mortara-eli+xml"],
        fileExtensions: [])

    static let roots: Set<String> = ["ECG"]

    package static func recognises(_ upload: Upload) -> Bool {
        guard XMLOutline.hasRoot(["ECG"], upload), let bytes = upload.parts.first?.bytes else { return false }
        let head = String(decoding: bytes.prefix(1 << 14).filter { $0 != 0 }, as: UTF8.self)
        return head.contains("ACQUISITION_TIME") || head.contains("<CHANNEL")
    }

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let channels = root.children("CHANNEL")
        guard let first = channels.first else { throw root.error(.malformed, "there is no <CHANNEL>") }
        let rate = try Signals.rate(
            hertz: first.number(attribute: "SAMPLE_FREQ"), place: first.place, options: options)
        _ = try StatedValues.agree(onUnit: .millivolts, stated: options.unit, place: first.place)
        let offset = first.attribute("OFFSET") ?? "0"
        let signals = try channels.map { channel throws(FormatError) in
            guard channel.attribute("OFFSET") ?? "0" == offset else {
                throw channel.error(
                    .unsupportedEncoding, "channels with different OFFSET: not of the same time")
            }
            guard try channel.number(attribute: "SAMPLE_FREQ") == first.number(attribute: "SAMPLE_FREQ")
            else {
                throw channel.error(.malformed, "SAMPLE_FREQ differs from that of the first channel")
            }
            return try signal(channel)
        }
        var recording = try FormatError.building(root.place) { () throws(RecordingError) in
            try Recording(named: signals, sampleRate: rate, device: device(root))
        }
        recording.localStartTime = LocalTime.compact(root.attribute("ACQUISITION_TIME"))
        if root.first("TYPICAL_CYCLE") != nil {
            recording.remarks.append("the rhythm is used, not the typical cycle")
        }
        return recording
    }

    private static func signal(_ channel: XMLElement) throws(FormatError) -> (
        name: String, samples: LeadSamples
    ) {
        let wanted: [(StaticString, String)] = [("BITS", "16"), ("FORMAT", "SIGNED"), ("ENCODING", "BASE64")]
        for (name, value) in wanted {
            guard channel.attribute(name)?.uppercased() == value else {
                throw channel.error(
                    .unsupportedEncoding,
                    "\(name) is '\(token(channel.attribute(name) ?? ""))', expected \(value)")
            }
        }
        guard let name = channel.attribute("NAME") else {
            throw channel.error(.malformed, "there is no NAME")
        }
        let perMillivolt = try channel.number(attribute: "UNITS_PER_MV")
        let scale = try Signals.Scale(step: 1 / perMillivolt, unit: .millivolts, place: channel.place)
        guard let data = channel.attributeBytes("DATA") else {
            throw channel.error(.malformed, "there is no DATA")
        }
        let counts = try Signals.int16(channel.base64(data))
        if channel.attribute("DURATION") != nil {
            let stated = try channel.number(attribute: "DURATION")
            guard Double(counts.count) == stated else {
                throw channel.error(
                    Double(counts.count) < stated ? .truncated : .malformed,
                    "\(counts.count) samples, DURATION says \(stated)")
            }
        }
        return (name, scale.samples(counts))
    }

    private static func device(_ root: XMLElement) -> Device? {
        guard let source = root.first("SOURCE") else { return nil }
        return Device(
            manufacturer: source.attribute("MANUFACTURER").map { token($0, limit: 100) },
            model: source.attribute("MODEL").map { token($0, limit: 100) }
        ).ifKnown
    }
}

private import Bytes
import ECG

/// One lead of a MUSE waveform.
///
/// FirstSampleBaseline is 0 in what MUSE exports; ecghelper 0.8.3 writes and reads it as the count of 0 volts.
struct MUSELead {
    let name: String
    let samples: LeadSamples
    /// When its first sample was taken, after the start of the waveform.
    let offsetMilliseconds: Double

    /// Throws: ``FormatError``.
    init(_ element: XMLElement, _ options: ReadOptions) throws(FormatError) {
        name = try element.required("LeadID").string
        let size = try element.first("LeadSampleSize")?.number() ?? 2
        guard size == 2 else {
            throw element.error(.unsupportedEncoding, "samples of \(size) bytes, expected 2")
        }
        let data = try element.required("WaveFormData")
        let bytes = try data.base64()
        if let stated = element.first("LeadSampleCountTotal") {
            let count = try stated.number()
            guard Double(bytes.count) >= 2 * count else {
                throw data.error(.truncated, "\(bytes.count) bytes for \(count) samples of 2 bytes")
            }
            guard Double(bytes.count) == 2 * count else {
                throw data.error(.malformed, "\(bytes.count) bytes for \(count) samples of 2 bytes")
            }
        }
        try Self.check(element, bytes)
        let baseline = try element.first("FirstSampleBaseline")?.number() ?? 0
        samples = try Self.scale(element, options).samples(Signals.int16(bytes), baseline: baseline)
        offsetMilliseconds = try element.first("LeadTimeOffset")?.number() ?? 0
    }

    private static func scale(
        _ element: XMLElement, _ options: ReadOptions
    ) throws(FormatError) -> Signals.Scale {
        let step = try element.required("LeadAmplitudeUnitsPerBit")
        guard let unitElement = element.first("LeadAmplitudeUnits") else {
            if let stated = options.unit {
                return try Signals.Scale(step: step.number(), unit: stated, place: step.place)
            }
            throw element.error(.unitMissing, "there is no <LeadAmplitudeUnits>")
        }
        guard let unit = VoltageUnit(symbol: unitElement.string.lowercased()) else {
            throw unitElement.error(.unitUnknown, "units \(word(unitElement.string)), expected MICROVOLTS")
        }
        let agreed = try StatedValues.agree(onUnit: unit, stated: options.unit, place: unitElement.place)
        return try Signals.Scale(step: step.number(), unit: agreed, place: step.place)
    }

    /// The CRC-32 of the samples, where the file has one.
    private static func check(_ element: XMLElement, _ bytes: [UInt8]) throws(FormatError) {
        guard let stated = element.first("LeadDataCRC32"), let expected = UInt32(stated.string), expected != 0
        else { return }
        let found = Inflate.crc32(of: bytes[...])
        guard found == expected else {
            throw stated.error(.checksumMismatch, "CRC-32 of the samples is \(found), expected \(expected)")
        }
    }

    /// Leads cut to the time that all of them cover.
    ///
    /// Throws: ``FormatError`` when they have no time in common.
    static func aligned(
        _ leads: [MUSELead], rate: SampleRate, place: FormatError.Place
    ) throws(FormatError) -> (signals: [(name: String, samples: LeadSamples)], notes: [String]) {
        let starts = leads.map { ($0.offsetMilliseconds * rate.hertz / 1_000).rounded() }
        guard let first = starts.min(), let last = starts.max(), last > first else {
            return (leads.map { ($0.name, $0.samples) }, [])
        }
        let limit = Double(Recording.maximumSamples)
        let ends = zip(starts, leads).map { $0 + Double($1.samples.count) }
        guard first.magnitude <= limit, last.magnitude <= limit, let end = ends.min(), end > last else {
            throw FormatError(
                .malformed, place: place, detail: "by their LeadTimeOffset the leads have no time in common")
        }
        let count = Int(end - last)
        let signals = zip(starts, leads).map { start, lead in
            (name: lead.name, samples: lead.samples.part(from: Int(last - start), count: count))
        }
        return (signals, ["leads begin at different times: \(count) samples that all have are used"])
    }
}

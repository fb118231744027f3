private import Bytes
import ECG

/// Reads GE MUSE XML (RestingECG, MUSE 5 to 9).
///
///     RestingECG                                             DOCTYPE restecg.dtd: never fetched
///       TestDemographics                                     AcquisitionDevice, AcquisitionDate (MM-DD-YYYY), ...
///       Waveform ...                                         one Median and one Rhythm, in any order
///         WaveformType, SampleBase, SampleExponent           rate = base x 10^exponent Hz
///         HighPassFilter (1/100 Hz), LowPassFilter (Hz), ACFilter (Hz | NONE)
///         LeadData ...                                       I, II, V1 to V6, often no others: the rest are derived
///           LeadID, LeadSampleCountTotal, LeadSampleSize (2), LeadTimeOffset (ms)
///           LeadAmplitudeUnitsPerBit, LeadAmplitudeUnits     4.88 MICROVOLTS
///           WaveFormData                                     base64, int16 little-endian
///
/// The rhythm is read; a median beat is no recording. Source: GE restecg.dtd as public exports show it; checked
/// against ecg2dcm 1.3.1 and ecgdatakit 2.0.3.
package enum MUSEReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "muse", name: "GE MUSE XML", mediaTypes: ["application/x-ge-muse+xml"], fileExtensions: [])

    static let roots: Set<String> = ["RestingECG"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let waveforms = root.children("Waveform")
        let rhythms = waveforms.filter { $0.first("WaveformType")?.string.uppercased() == "RHYTHM" }
        guard let rhythm = rhythms.max(by: { leadCount($0) < leadCount($1) }) else {
            throw root.error(
                .malformed, "\(waveforms.count) waveforms and no Rhythm among them, expected one of 10 s")
        }
        let base = try rhythm.required("SampleBase")
        let exponent = try rhythm.first("SampleExponent")?.number() ?? 0
        guard (-6...6).contains(exponent) else {
            throw rhythm.error(.malformed, "SampleExponent is \(exponent)")
        }
        let rate = try Signals.rate(
            hertz: scaled(base.number(), byTenTo: Int(exponent)), place: base.place, options: options)
        let leads = try rhythm.children("LeadData").map { element throws(FormatError) in
            try MUSELead(element, options)
        }
        let aligned = try MUSELead.aligned(leads, rate: rate, place: rhythm.place)
        var recording = try FormatError.building(rhythm.place) { () throws(RecordingError) in
            try Recording(named: aligned.signals, sampleRate: rate, device: device(root))
        }
        recording.filters = filters(rhythm).ifKnown
        recording.localStartTime = startTime(root)
        recording.remarks = aligned.notes
        if waveforms.count > rhythms.count {
            recording.remarks.append("the rhythm is used, not the median beat")
        }
        return recording
    }

    private static func leadCount(_ waveform: XMLElement) -> Int { waveform.children("LeadData").count }

    private static func scaled(_ base: Double, byTenTo exponent: Int) -> Double {
        let power = (0..<exponent.magnitude).reduce(1.0) { product, _ in product * 10 }
        return exponent < 0 ? base / power : base * power
    }

    private static func device(_ root: XMLElement) -> Device {
        let test = root.first("TestDemographics")
        return Device(
            manufacturer: "GE", model: test?.text(of: "AcquisitionDevice"),
            softwareVersion: test?.text(of: "AcquisitionSoftwareVersion"))
    }

    private static func startTime(_ root: XMLElement) -> String? {
        let test = root.first("TestDemographics")
        let date = test?.first("AcquisitionDate")?.string.split(separator: "-") ?? []
        guard date.count == 3 else { return nil }
        return LocalTime.joined(
            date: "\(date[2])-\(date[0])-\(date[1])", time: test?.first("AcquisitionTime")?.string)
    }

    private static func filters(_ rhythm: XMLElement) -> AppliedFilters {
        let value = { (name: StaticString) in rhythm.first(name).flatMap { Decimal.value($0.string) } }
        return AppliedFilters(
            highPassHertz: value("HighPassFilter").map { $0 / 100 }, lowPassHertz: value("LowPassFilter"),
            notchHertz: value("ACFilter"))
    }
}

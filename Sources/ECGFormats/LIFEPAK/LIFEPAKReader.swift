import ECG

/// Reads 12-lead ECGs in Stryker / Physio-Control CODE-STAT XML (LIFEPAK 15).
///
///     ECGRecord/Record acquisitionDate acquisitionTime
///       RecordingDevice                                      Manufacturer, Model
///       RecordData ...                                       one a channel
///         Channel, BaseLineCutoff, LowPassCutoff (Hz)
///         Waveforms/XValues                                  NumberOfSamples, SampleRate unit="Hz"
///         Waveforms/YValues unit="mV"/RealValue              Scale, Data: decimals between commas, an empty cell is a gap
///
/// Channels that are no leads (Paddles, CO2, SpO2) are left out, and leads in monitor bandwidth are refused: below 100 Hz
/// ST segments are not what a diagnostic ECG shows. That diagnostic channels are named I to V6 is known from no real file;
/// other names are refused. Source: UniGrazMath/vitabel (real exports of CODE-STAT 11), with whose reader it agrees.
package enum LIFEPAKReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "lifepak", name: "LIFEPAK XML", mediaTypes: ["application/x-lifepak+xml"], fileExtensions: [])

    private static let diagnosticLowPassHertz = 100.0

    static let roots: Set<String> = ["ECGRecord"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let record = try root.required("Record")
        let channels = record.children("RecordData").filter {
            LeadLabel($0.first("Channel")?.string ?? "") != nil
        }
        guard let first = channels.first else {
            throw FormatError(
                .recording, place: record.place, detail: "no channel is a lead of a 12-lead ECG",
                recording: .missingLeads(Lead.independent))
        }
        let rate = try rate(first, options)
        let signals = try channels.map { channel throws(FormatError) in
            guard try Self.rate(channel, options) == rate else {
                throw channel.error(.malformed, "a sample rate that differs from that of the first lead")
            }
            return (
                name: try channel.required("Channel").string, millivolts: try millivolts(channel, options)
            )
        }
        let device = record.first("RecordingDevice")
        var recording = try FormatError.building(record.place) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate,
                device: Device(
                    manufacturer: device?.text(of: "Manufacturer"), model: device?.text(of: "Model")))
        }
        let hertz = { (name: StaticString) in first.first(name).flatMap { Decimal.value($0.string) } }
        recording.filters =
            AppliedFilters(highPassHertz: hertz("BaseLineCutoff"), lowPassHertz: hertz("LowPassCutoff"))
            .ifKnown
        recording.localStartTime = LocalTime.joined(
            date: record.attribute("acquisitionDate"), time: record.attribute("acquisitionTime"))
        return recording
    }

    private static func rate(_ channel: XMLElement, _ options: ReadOptions) throws(FormatError) -> SampleRate
    {
        let element = try channel.required("Waveforms", "XValues", "SampleRate")
        return try Signals.rate(hertz: element.number(), place: element.place, options: options)
    }

    private static func millivolts(_ channel: XMLElement, _ options: ReadOptions) throws(FormatError)
        -> [Float]
    {
        guard channel.children("Waveforms").count == 1 else {
            throw channel.error(.unsupportedEncoding, "a lead in several pieces, expected one")
        }
        if let cutoff = channel.first("LowPassCutoff"), try cutoff.number() < diagnosticLowPassHertz {
            throw cutoff.error(
                .unsupportedEncoding,
                "a lead in monitor bandwidth, expected a diagnostic one of 100 Hz or more")
        }
        let vertical = try channel.required("Waveforms", "YValues")
        guard let symbol = vertical.attribute("unit") ?? options.unit?.rawValue else {
            throw vertical.error(.unitMissing, "there is no unit")
        }
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw vertical.error(
                .unitUnknown, "unit \(word(symbol)), expected mV")
        }
        _ = try StatedValues.agree(onUnit: unit, stated: options.unit, place: vertical.place)
        let real = try vertical.required("RealValue")
        let scale = try Signals.Scale(
            step: real.first("Scale")?.number() ?? 1, unit: unit, place: real.place)
        let data = try real.required("Data")
        let text = data.content
        var values = try Signals.list(text, place: data.place)
        if text.last(where: { $0 > 0x20 }) == UInt8(ascii: ",") { values.append(.nan) }
        let stated = try channel.required("Waveforms", "XValues", "NumberOfSamples").number()
        guard Double(values.count) == stated else {
            throw data.error(.malformed, "\(values.count) samples, NumberOfSamples says \(stated)")
        }
        return values.map { Float($0 * scale.countsToMillivolts) }
    }
}

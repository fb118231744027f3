import ECG

/// Reads GE CardioSoft / CASE XML of resting ECGs.
///
///     CardiologyXML
///       ObservationDateTime                                  Hour, Minute, Second, Day, Month, Year
///       FilterSetting                                        LowPass, HighPass (Hz)
///       StripData                                            the rhythm
///         SampleRate units="Hz", ChannelSampleCountTotal, Resolution units="uVperLsb"
///         WaveformData lead="I" ...                          whole numbers between commas
///
/// MedianSamples, vector loops and full disclosure are not read. Source: public exports of CardioSoft 6.73; checked
/// against ecg2dcm 1.3.1.
package enum CardioSoftReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "cardiosoft", name: "GE CardioSoft XML", mediaTypes: ["application/x-ge-cardiosoft+xml"],
        fileExtensions: [])

    static let roots: Set<String> = ["CardiologyXML"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let strip = try root.required("StripData")
        let sampling = try strip.required("SampleRate")
        guard sampling.attribute("units") ?? "Hz" == "Hz" else {
            throw sampling.error(.malformed, "units other than Hz")
        }
        let rate = try Signals.rate(hertz: sampling.number(), place: sampling.place, options: options)
        let resolution = try strip.required("Resolution")
        guard resolution.attribute("units") == "uVperLsb" else {
            throw resolution.error(
                .unitUnknown, "units \(word(resolution.attribute("units") ?? "")), expected uVperLsb")
        }
        _ = try StatedValues.agree(onUnit: .microvolts, stated: options.unit, place: resolution.place)
        let scale = try Signals.Scale(step: resolution.number(), unit: .microvolts, place: resolution.place)
        let stated = try strip.first("ChannelSampleCountTotal")?.number()
        let signals = try strip.children("WaveformData").map { data throws(FormatError) in
            let counts = try Signals.list(data.content, place: data.place)
            guard stated == nil || stated == Double(counts.count) else {
                throw data.error(
                    .malformed, "\(counts.count) samples, ChannelSampleCountTotal says \(stated ?? 0)")
            }
            guard let name = data.attribute("lead") else {
                throw data.error(.leadNamesMissing, "there is no lead")
            }
            return (name: name, millivolts: counts.map { Float($0 * scale.countsToMillivolts) })
        }
        var recording = try FormatError.building(strip.place) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate, device: Device(manufacturer: "GE", model: "CardioSoft"))
        }
        recording.filters = filters(root)
        recording.localStartTime = startTime(root)
        recording.remarks = ["the rhythm strip is used, not the median beat"]
        return recording
    }

    private static func filters(_ root: XMLElement) -> AppliedFilters? {
        guard let setting = root.first("FilterSetting") else { return nil }
        let hertz = { (name: StaticString) in setting.first(name).flatMap { Decimal.value($0.string) } }
        return AppliedFilters(highPassHertz: hertz("HighPass"), lowPassHertz: hertz("LowPass")).ifKnown
    }

    private static func startTime(_ root: XMLElement) -> String? {
        guard let time = root.first("ObservationDateTime") else { return nil }
        let part = { (name: StaticString, width: Int) -> String in
            let digits = time.first(name)?.string ?? ""
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return LocalTime.compact(
            part("Year", 4) + part("Month", 2) + part("Day", 2) + part("Hour", 2) + part("Minute", 2)
                + part("Second", 2))
    }
}

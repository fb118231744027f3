import ECG

/// Reads Schiller SEMA XML.
///
///     ...schillerEDI.SchillerEDI
///       examdescript/aquiringdevice (sic)                    hardware, software
///       eventdata/event/wavedata ...                         type ECG_AVERAGES or ECG_RHYTHMS
///         resolution/samplerate                              exponent 1, value: the rate in hertz itself
///         resolution/yres                                    unitperbit, units (UV)
///         channel ...                                        name, datastype COMMASEPARATE, data
///
/// The rhythm is read. Source: BIVectors/BRAVEHEART, which takes `value` as hertz and wants exponent 1; checked against
/// ecg2dcm 1.3.1.
package enum SchillerReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "schiller", name: "Schiller XML", mediaTypes: ["application/x-schiller+xml"], fileExtensions: [])

    static let roots: Set<String> = ["com.xiriuz.sema.xml.schillerEDI.SchillerEDI", "SchillerEDI"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let all = root.descendants("wavedata")
        guard let wave = all.first(where: { $0.first("type")?.string == "ECG_RHYTHMS" }) else {
            throw root.error(.malformed, "\(all.count) wavedata and none of type ECG_RHYTHMS")
        }
        let sampling = try wave.required("resolution", "samplerate")
        guard try sampling.first("exponent")?.number() ?? 1 == 1 else {
            throw sampling.error(.unsupportedEncoding, "an exponent other than 1")
        }
        let rate = try Signals.rate(
            hertz: sampling.required("value").number(), place: sampling.place, options: options)
        let vertical = try wave.required("resolution", "yres")
        let symbol = try vertical.required("units").string
        guard let unit = VoltageUnit(symbol: symbol.uppercased() == "UV" ? "uV" : symbol) else {
            throw vertical.error(.unitUnknown, "units \(word(symbol)), expected UV")
        }
        _ = try StatedValues.agree(onUnit: unit, stated: options.unit, place: vertical.place)
        let scale = try Signals.Scale(
            step: vertical.required("unitperbit").number(), unit: unit, place: vertical.place)
        let signals = try wave.children("channel").map { channel throws(FormatError) in
            guard channel.first("datastype")?.string ?? "COMMASEPARATE" == "COMMASEPARATE" else {
                throw channel.error(.unsupportedEncoding, "a datastype other than COMMASEPARATE")
            }
            let data = try channel.required("data")
            let counts = try Signals.list(data.content, place: data.place)
            return (
                name: try channel.required("name").string,
                millivolts: counts.map { Float($0 * scale.countsToMillivolts) }
            )
        }
        return try finished(root, wave, signals, rate, chosen: all.count > 1)
    }

    private static func finished(
        _ root: XMLElement, _ wave: XMLElement, _ signals: [(name: String, millivolts: [Float])],
        _ rate: SampleRate, chosen: Bool
    ) throws(FormatError) -> Recording {
        let exam = root.first("examdescript")
        let hardware = exam?.first("aquiringdevice", "hardware")
        let device = Device(
            manufacturer: hardware?.text(of: "vendor") ?? "Schiller", model: hardware?.text(of: "model"),
            softwareVersion: exam?.first("aquiringdevice", "software")?.text(of: "version"))
        var recording = try FormatError.building(wave.place) { () throws(RecordingError) in
            try Recording(signals: signals, sampleRate: rate, device: device)
        }
        if let start = exam?.first("startdatetime") {
            let time = start.first("time")?.string ?? ""
            recording.localStartTime = LocalTime.compact((start.first("date")?.string ?? "") + time)
        }
        if chosen { recording.remarks.append("the rhythm is used, not the averaged beats") }
        return recording
    }
}

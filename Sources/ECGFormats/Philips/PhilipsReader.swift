import ECG

/// Reads Philips Sierra ECG XML 1.03 and 1.04: PageWriter, HeartStart MRx and Tempus exports, IntelliSpace.
///
///     restingecgdata
///       documentinfo/documentversion                        1.03 | 1.04 | 1.04.01 | 1.04.02
///       reportinfo/reportbandwidth                           filters of the report, not of the samples
///       dataacquisition/signalcharacteristics
///         samplingrate, signalresolution | resolution (uV), numberchannelsallocated, acquisitiontype
///       waveforms/parsedwaveforms                            base64, XLI or plain 16-bit, lead after lead
///         1.03: compressmethod; 1.04: compression, leadlabels, numberofleads; durationperchannel (ms)
///       waveforms/repbeats                                   averaged beats: not read
///
/// XLI stores III, aVR, aVL and aVF as what is left after deriving them from I and II. A record of 11 s is 10 s of ECG
/// and a second with a calibration pulse, which is cut off. Source: sixlettervariables/sierra-ecg-tools (MIT),
/// docs/ and examples; checked against sierraecg 0.4.0 and ecgdatakit 2.0.3.
package enum PhilipsReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "philips", name: "Philips Sierra ECG XML", mediaTypes: ["application/x-philips-sierra+xml"],
        fileExtensions: [])

    package static let takesLeadOrder = true

    static let roots: Set<String> = ["restingecgdata"]

    /// Revisions of a version, 1.04.01, have its layout.
    private static let versions = ["1.03", "1.04"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let version = try root.required("documentinfo", "documentversion")
        guard versions.contains(where: { version.string == $0 || version.string.hasPrefix($0 + ".") }) else {
            throw version.error(
                .unsupportedEncoding, "version '\(token(version.string))', expected 1.03 or 1.04")
        }
        let acquisition = try root.required("dataacquisition")
        let waveforms = try root.required("waveforms", "parsedwaveforms")
        let layout = try PhilipsLayout(acquisition.required("signalcharacteristics"), waveforms, options)
        let storage = try layout.recording(waveforms)
        var recording = try FormatError.building(waveforms.place) { () throws(RecordingError) in
            try Recording(storage, sampleRate: layout.rate, device: device(acquisition))
        }
        recording.filters = filters(waveforms, acquisition).ifKnown
        recording.localStartTime = LocalTime.joined(
            date: acquisition.attribute("date"), time: acquisition.attribute("time"))
        if layout.diagnosticSamples < layout.samples {
            recording.remarks.append(PhilipsLayout.calibrationRemark)
        }
        return recording
    }

    private static func device(_ acquisition: XMLElement) -> Device {
        let machine = acquisition.first("machine")
        let detail = machine?.attribute("detaildescription")?.split(separator: ":") ?? []
        let model = machine?.string ?? ""
        return Device(
            manufacturer: "Philips", model: model.isEmpty ? nil : token(model, limit: 100),
            softwareVersion: detail.count == 3 ? token(detail[2]) : nil)
    }

    /// Filters of the stored samples; those of `reportbandwidth` shape the printout only.
    private static func filters(_ waveforms: XMLElement, _ acquisition: XMLElement) -> AppliedFilters {
        let signal = acquisition.first("signalcharacteristics")
        let value = { (name: StaticString) in
            (waveforms.attribute(name) ?? signal?.first(name)?.string).flatMap { Decimal.value($0) }
        }
        var filters = AppliedFilters(highPassHertz: value("hipass"), lowPassHertz: value("lowpass"))
        if let band = signal?.first("signalbandwidth")?.string.split(separator: "-"), band.count == 2 {
            filters.highPassHertz = filters.highPassHertz ?? Decimal.value(band[0])
            filters.lowPassHertz = filters.lowPassHertz ?? Decimal.value(band[1])
        }
        if waveforms.attribute("notchfiltered")?.lowercased() == "true" {
            filters.notchHertz = value("notchfilterfreqs")
        }
        return filters
    }
}

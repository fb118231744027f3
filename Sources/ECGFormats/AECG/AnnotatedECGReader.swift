import ECG

/// Reads HL7 Annotated ECG (aECG, "FDA XML").
///
///     AnnotatedECG
///       component/series                                     code RHYTHM or REPRESENTATIVE_BEAT
///         author/seriesAuthor                                device
///         controlVariable                                    filters
///         component/sequenceSet                              leads recorded at the same time
///           component/sequence                               code TIME_ABSOLUTE or TIME_RELATIVE
///             value GLIST_TS | GLIST_PQ                      head, increment (s): the rate
///           component/sequence ...                           code MDC_ECG_LEAD_x
///             value SLIST_PQ                                 origin + digit x scale, in their units
///
/// Source: HL7 V3 Annotated ECG R1 (ANSI/HL7 V3 ECG, R1-2004) and its implementation guide of 2005; checked against
/// ecgdatakit 2.0.3, ECGToolkit, biosig 2.5.0 and ecg2dcm 1.3.1. Leads are read as stored, also where they do not
/// obey Einthoven's law.
package enum AnnotatedECGReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "aecg", name: "HL7 aECG", mediaTypes: ["application/x-hl7-aecg+xml"], fileExtensions: ["aecg"])

    static let roots: Set<String> = ["AnnotatedECG"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let all = root.children("component").compactMap { $0.first("series") }
        let rhythms = all.filter { $0.first("code")?.attribute("code") == "RHYTHM" }
        guard let series = rhythms.first else {
            throw root.error(.malformed, "\(all.count) series and none with the code RHYTHM")
        }
        let sets = series.children("component").compactMap { $0.first("sequenceSet") }.map(
            AnnotatedSequences.init)
        let joined = AnnotatedSequences.joined(sets)
        guard let sequences = joined.max(by: { $0.leads.count < $1.leads.count }) else {
            throw series.error(.malformed, "the series has no <sequenceSet>")
        }
        let rate = try sequences.rate(options)
        let device = device(series)
        var signals = try sequences.signals(options)
        let stored = signals.first?.millivolts.count ?? 0
        let kept = isPhilips(device) ? PhilipsLayout.diagnosticSamples(of: stored, rate: rate) : stored
        if kept < stored { signals = signals.map { ($0.name, Array($0.millivolts.prefix(kept))) } }
        let (utc, local) =
            sequences.startTime
            ?? HL7Time.parse(
                series.first("effectiveTime", "low")?.attribute("value"))
        var recording = try FormatError.building(sequences.element.place) { () throws(RecordingError) in
            try Recording(signals: signals, sampleRate: rate, startTime: utc, device: device)
        }
        recording.localStartTime = local
        recording.filters = filters(series).ifKnown
        if kept < stored { recording.remarks.append(PhilipsLayout.calibrationRemark) }
        if joined.count > 1 {
            recording.remarks.append("of \(joined.count) sequence sets the one with most leads is used")
        }
        if rhythms.count > 1 {
            recording.remarks.append("of \(rhythms.count) rhythm series the first is used")
        }
        if all.count > rhythms.count {
            recording.remarks.append("the rhythm is used, not representative beats")
        }
        return recording
    }

    /// Whether the record was converted from one of Philips, whose eleventh second is calibration (see ``PhilipsReader``).
    private static func isPhilips(_ device: Device?) -> Bool {
        [device?.manufacturer, device?.softwareVersion].contains { $0?.hasPrefix("Philips") == true }
    }

    private static func device(_ series: XMLElement) -> Device? {
        guard let author = series.first("author", "seriesAuthor") else { return nil }
        let device = author.first("manufacturedSeriesDevice")
        return Device(
            manufacturer: author.first("manufacturerOrganization")?.text(of: "name"),
            model: device?.text(of: "manufacturerModelName"),
            softwareVersion: device?.text(of: "softwareName")
        ).ifKnown
    }

    private static func filters(_ series: XMLElement) -> AppliedFilters {
        var filters = AppliedFilters()
        for variable in series.children("controlVariable").compactMap({ $0.first("controlVariable") }) {
            let hertz = variable.descendants("value").first { $0.attribute("unit") == "Hz" }?
                .attribute("value").flatMap { Decimal.value($0) }
            switch variable.first("code")?.attribute("code") {
            case "MDC_ECG_CTL_VBL_ATTR_FILTER_LOW_PASS": filters.lowPassHertz = hertz
            case "MDC_ECG_CTL_VBL_ATTR_FILTER_HIGH_PASS": filters.highPassHertz = hertz
            case "MDC_ECG_CTL_VBL_ATTR_FILTER_NOTCH": filters.notchHertz = hertz
            default: break
            }
        }
        return filters
    }
}

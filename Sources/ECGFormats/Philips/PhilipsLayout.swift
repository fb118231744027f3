import ECG

/// How a Philips file stores its samples.
struct PhilipsLayout {
    let rate: SampleRate
    let scale: Signals.Scale
    /// Samples of each lead.
    let samples: Int
    let labels: [String]
    private let isXLI: Bool

    private static let maximumLeads = 32

    /// Throws: ``FormatError``.
    init(
        _ signal: XMLElement, _ waveforms: XMLElement, _ options: ReadOptions
    ) throws(FormatError) {
        let rateElement = try signal.required("samplingrate")
        rate = try Signals.rate(hertz: rateElement.number(), place: rateElement.place, options: options)
        if let again = waveforms.attribute("samplespersecond"), Decimal.value(again) != rate.hertz {
            throw waveforms.error(
                .malformed, "samplespersecond contradicts the samplingrate of the acquisition")
        }
        scale = try Self.scale(signal, options)
        let milliseconds = try waveforms.number(attribute: "durationperchannel")
        let count = (milliseconds * rate.hertz / 1_000).rounded()
        guard count >= 1, count <= Double(Recording.maximumSamples) else {
            throw waveforms.error(
                .limitExceeded, "durationperchannel is \(milliseconds) ms, expected 10 s or so")
        }
        samples = Int(count)
        labels = try Self.labels(signal, waveforms, options)
        isXLI = try Self.compression(waveforms)
        try Self.checkSampleForm(signal)
    }

    /// Samples that are ECG: ten seconds of a record of up to twelve, all of any other.
    var diagnosticSamples: Int { Self.diagnosticSamples(of: samples, rate: rate) }

    /// The same for a record that was converted to another format.
    static func diagnosticSamples(of samples: Int, rate: SampleRate) -> Int {
        let seconds = Double(samples) / rate.hertz
        return seconds > 10 && seconds < 12 ? Int((10 * rate.hertz).rounded()) : samples
    }

    /// Says that only these are used.
    static let calibrationRemark =
        "the first 10 s are used: the rest of a Philips record holds a calibration pulse"

    /// Microvolts of a count; where the file does not say, a count of the unit that the client states.
    private static func scale(
        _ signal: XMLElement, _ options: ReadOptions
    ) throws(FormatError) -> Signals.Scale {
        guard let resolution = signal.first("signalresolution") ?? signal.first("resolution") else {
            guard let stated = options.unit else {
                throw signal.error(.unitMissing, "there is no <signalresolution> and no <resolution>")
            }
            return try Signals.Scale(step: 1, unit: stated, place: signal.place)
        }
        _ = try StatedValues.agree(onUnit: .microvolts, stated: options.unit, place: resolution.place)
        return try Signals.Scale(step: resolution.number(), unit: .microvolts, place: resolution.place)
    }

    private static func labels(
        _ signal: XMLElement, _ waveforms: XMLElement, _ options: ReadOptions
    ) throws(FormatError) -> [String] {
        if let stated = waveforms.attribute("leadlabels"), !stated.allSatisfy(\.isWhitespace) {
            let all = stated.split(whereSeparator: \.isWhitespace).map(String.init)
            let count = waveforms.attribute("numberofleads").flatMap { Int($0) } ?? all.count
            guard count >= 1, count <= min(all.count, maximumLeads) else {
                throw waveforms.error(.malformed, "numberofleads is \(count), leadlabels names \(all.count)")
            }
            return try StatedValues.leads(
                Array(all.prefix(count)), stated: options.leadOrder, count: count, place: waveforms.place,
                missing: "")
        }
        let channels = try signal.required("numberchannelsallocated")
        let type = try signal.required("acquisitiontype")
        let count = try channels.number()
        guard count >= 12, count <= Double(maximumLeads) else {
            throw channels.error(.malformed, "\(count) channels, expected 12 to \(maximumLeads)")
        }
        // Channels beyond the twelve have no names in this version.
        let isStandard = ["STD-12", "10-WIRE"].contains(type.string)
        return try StatedValues.leads(
            isStandard ? Lead.allCases.map(\.rawValue) : nil, stated: options.leadOrder,
            count: isStandard ? Lead.allCases.count : Int(count), place: type.place,
            missing:
                "acquisition type '\(token(type.string))' and no leadlabels: the leads' names are not known")
    }

    /// Whether the samples are compressed.
    private static func compression(_ waveforms: XMLElement) throws(FormatError) -> Bool {
        guard waveforms.attribute("dataencoding") ?? "Base64" == "Base64" else {
            throw waveforms.error(.unsupportedEncoding, "a dataencoding other than Base64")
        }
        let isCompressed = waveforms.attribute("compressflag")?.lowercased() != "false"
        let method =
            waveforms.attribute("compressmethod") ?? waveforms.attribute("compression") ?? "Uncompressed"
        switch method {
        case "XLI" where isCompressed: return true
        case "XLI", "Uncompressed", "None", "": return false
        default:
            throw waveforms.error(
                .unsupportedEncoding, "compression '\(token(method))', expected XLI or Uncompressed")
        }
    }

    private static func checkSampleForm(_ signal: XMLElement) throws(FormatError) {
        let wanted: [(StaticString, String)] = [
            ("bitspersample", "16"), ("signaloffset", "0"), ("signalsigned", "true"),
        ]
        for (name, value) in wanted {
            guard let found = signal.first(name), !found.string.isEmpty else { continue }
            guard found.string.lowercased() == value else {
                throw found.error(
                    .unsupportedEncoding, "\(name) is '\(token(found.string))', expected \(value)")
            }
        }
    }

    /// All leads that are kept.
    ///
    /// Throws: ``FormatError``.
    func recording(_ waveforms: XMLElement) throws(FormatError) -> RecordingStorage {
        // Names and lengths before samples are decoded.
        do throws(RecordingError) {
            _ = try RecordingStorage(signals: labels, sampleCount: diagnosticSamples)
        } catch { throw FormatError(error, place: waveforms.place) }
        let counts = try counts(waveforms)
        return try RecordingStorage.filled(labels, sampleCount: diagnosticSamples, place: waveforms.place) {
            scale.samples(counts[$0])
        }
    }

    /// Of each lead, `[leads][samples]`: all at once, since limb leads may be differences of I and II.
    private func counts(_ waveforms: XMLElement) throws(FormatError) -> [[Int16]] {
        let bytes = try waveforms.base64()
        guard isXLI else { return try uncompressed(bytes, waveforms) }
        var counts: [[Int16]] = []
        let kept = diagnosticSamples
        try XLI.decode(bytes, samples: samples, leads: labels.count, place: waveforms.place) {
            counts.append(Array($0.prefix(kept)))
        }
        LimbDifferences(labels).restore(&counts)
        return counts
    }

    /// Writers store limb leads as they are or as differences: whichever obeys Einthoven's law.
    private func uncompressed(
        _ bytes: [UInt8], _ waveforms: XMLElement
    ) throws(FormatError) -> [[Int16]] {
        let needed = 2 * samples * labels.count
        guard bytes.count >= needed else {
            throw waveforms.error(
                .truncated, "\(bytes.count) bytes, expected \(needed) for \(labels.count) leads of \(samples)"
            )
        }
        var counts = labels.indices.map { lead in
            let start = 2 * lead * samples
            return Signals.int16(Array(bytes[start..<start + 2 * diagnosticSamples]))
        }
        let differences = LimbDifferences(labels)
        guard !differences.obeyEinthoven(counts) else { return counts }
        differences.restore(&counts)
        guard differences.obeyEinthoven(counts) else {
            throw waveforms.error(
                .unsupportedEncoding,
                "uncompressed limb leads that are neither III = II - I nor what is left of it")
        }
        return counts
    }
}

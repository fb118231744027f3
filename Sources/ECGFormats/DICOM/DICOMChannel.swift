import ECG

/// A channel of a multiplex group (PS3.3 section C.10.9, Channel Definition Sequence).
struct DICOMChannel {
    /// The lead's name; nil for a channel that is no ECG lead.
    let lead: String?
    /// How the file calls it.
    let title: String
    let filters: AppliedFilters
    private let attributes: DICOMDataSet
    private let place: BinaryView
    private let skew: (seconds: Double, samples: Double)

    init(_ attributes: DICOMDataSet, place: BinaryView) throws(FormatError) {
        self.attributes = attributes
        self.place = place
        let source = attributes[.channelSourceSequence]?.items.first
        let meaning = source?[DICOMTag(0x0008, 0x0104)]?.text
        let label = attributes[DICOMTag(0x003A, 0x0203)]?.text
        title = meaning ?? label ?? "without a name"
        lead = Self.lead(
            code: source?[DICOMTag(0x0008, 0x0100)]?.text, scheme: source?[DICOMTag(0x0008, 0x0102)]?.text,
            names: [meaning, label])
        skew = (
            try attributes[DICOMTag(0x003A, 0x0214)]?.decimal("Channel Time Skew") ?? 0,
            try attributes[DICOMTag(0x003A, 0x0215)]?.decimal("Channel Sample Skew") ?? 0
        )
        let hertz = { (tag: DICOMTag, name: String) throws(FormatError) -> Double? in
            guard let value = try attributes[tag]?.decimal(name), value > 0 else { return nil }
            return value
        }
        filters = AppliedFilters(
            highPassHertz: try hertz(DICOMTag(0x003A, 0x0220), "Filter Low Frequency"),
            lowPassHertz: try hertz(DICOMTag(0x003A, 0x0221), "Filter High Frequency"),
            notchHertz: try hertz(DICOMTag(0x003A, 0x0222), "Notch Filter Frequency"))
    }

    /// Context group 3001 in either of its coding schemes: "2:1" of MDC, "5.6.3-9-1" of SCPECG; else by name.
    private static func lead(code: String?, scheme: String?, names: [String?]) -> String? {
        if let code {
            for prefix in ["2:", "5.6.3-9-"] where code.hasPrefix(prefix) {
                return Int(code.dropFirst(prefix.count)).flatMap { LeadCode.name($0) }
            }
            if scheme?.uppercased() == "MDC", let number = Int(code), number > 131_328 {
                return LeadCode.name(number - 131_328)
            }
        }
        return (names + [code]).lazy.compactMap { $0.flatMap { LeadCode.name(spelt: $0) } }.first
    }

    /// Samples by which the channel begins late; less than half of one is left alone.
    func shift(at sampleRate: Double) -> Double {
        let samples = skew.samples != 0 ? skew.samples : skew.seconds * sampleRate
        return samples.rounded()
    }

    /// Sensitivity, its correction factor and the baseline, all in one unit.
    /// The count that stands for a sample that is not there: none of 8 or 16 bits is this.
    static let missing = Int32.min

    /// Voltage = sample x sensitivity x correction factor + baseline (PS3.3 section C.10.9.1.4).
    ///
    /// Where the file states neither sensitivity nor units, a count of the unit that the client states.
    ///
    /// Throws: ``FormatError`` `unit-missing` without sensitivity or its units, for these are never guessed.
    func scale(stated: VoltageUnit?) throws(FormatError) -> CountScale {
        let sensitivity = try attributes[DICOMTag(0x003A, 0x0210)]?.decimal("Channel Sensitivity")
        let symbol =
            attributes[.channelSensitivityUnitsSequence]?.items.first?[DICOMTag(0x0008, 0x0100)]?.text
            ?? stated?.rawValue
        guard let sensitivity = sensitivity ?? stated.map({ _ in 1 }), let symbol else {
            throw place.refusal(
                .unitMissing, at: 0,
                "channel '\(token(title))' has no sensitivity with units: its samples are no voltages")
        }
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw place.refusal(
                .unitUnknown, at: 0,
                "channel '\(token(title))' is in \(word(symbol)), expected V, mV, uV or nV")
        }
        let correction = try attributes[DICOMTag(0x003A, 0x0212)]?.decimal(
            "Channel Sensitivity Correction Factor")
        let baseline = try attributes[DICOMTag(0x003A, 0x0213)]?.decimal("Channel Baseline")
        let factor = sensitivity * (correction ?? 1)
        guard factor != 0, factor.isFinite else {
            throw place.malformed(at: 0, "channel '\(token(title))' has a sensitivity of \(factor)")
        }
        return CountScale(step: factor, offset: baseline ?? 0, unit: unit, missing: Self.missing)
    }

    /// The unit of the samples, if it is known and a voltage.
    var unit: VoltageUnit? {
        attributes[.channelSensitivityUnitsSequence]?.items.first?[DICOMTag(0x0008, 0x0100)]?.text.flatMap(
            VoltageUnit.init(symbol:))
    }
}

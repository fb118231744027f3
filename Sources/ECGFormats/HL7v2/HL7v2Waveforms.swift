import ECG

/// Samples in OBX segments of type NA, with the rate and the resolution that others state.
struct HL7v2Waveforms {
    private(set) var signals: [(name: String, millivolts: [Float])] = []
    private var hertz: (value: Double, place: FormatError.Place)?
    private var step: Signals.Scale?

    private static let units: [String: VoltageUnit] = [
        "MDC_DIM_MICRO_VOLT": .microvolts, "MDC_DIM_MILLI_VOLT": .millivolts, "MDC_DIM_NANO_VOLT": .nanovolts,
        "MDC_DIM_VOLT": .volts,
    ]

    /// Throws: ``FormatError``.
    init(_ message: HL7v2Message, _ options: ReadOptions) throws(FormatError) {
        let observations = message.segments("OBX")
        for segment in observations where segment.field(2) == "NM" {
            let codes = segment.components(3)
            if codes.contains("MDC_ATTR_SAMP_RATE") {
                let value = try Self.number(segment)
                guard hertz == nil || hertz?.value == value else {
                    throw FormatError(
                        .malformed, place: segment.place(5), detail: "a second, different sample rate")
                }
                hertz = (value, segment.place(5))
            } else if codes.contains("MDC_ATTR_NU_MSMT_RES") {
                step = try Signals.Scale(
                    step: Self.number(segment), unit: Self.unit(segment, options), place: segment.place(5))
            }
        }
        for segment in observations where segment.field(2) == "NA" {
            guard let lead = segment.components(3).lazy.compactMap({ MDCLead.name($0) }).first else {
                continue
            }
            let scale =
                if let step { step } else {
                    try Signals.Scale(step: 1, unit: Self.unit(segment, options), place: segment.place(6))
                }
            var text = Array(segment.field(5).utf8)
            for index in text.indices
            where text[index] == segment.componentSeparator || text[index] == UInt8(ascii: "~") {
                text[index] = UInt8(ascii: ",")
            }
            let counts = try Signals.list(text, place: segment.place(5))
            signals.append((lead, counts.map { Float($0 * scale.countsToMillivolts) }))
        }
    }

    /// Throws: ``FormatError`` when the message states none and the client neither.
    func agreedRate(_ options: ReadOptions) throws(FormatError) -> SampleRate {
        guard let hertz else {
            if let stated = options.sampleRate { return stated }
            throw FormatError(
                .sampleRateMissing, place: .field("OBX"),
                detail: "no MDC_ATTR_SAMP_RATE: add it, or state the sample rate with the request")
        }
        return try Signals.rate(hertz: hertz.value, place: hertz.place, options: options)
    }

    private static func number(_ segment: HL7v2Message.Segment) throws(FormatError) -> Double {
        guard let value = Decimal.value(segment.field(5)) else {
            throw FormatError(
                .malformed, place: segment.place(5), detail: "found no number, expected a decimal one")
        }
        return value
    }

    private static func unit(
        _ segment: HL7v2Message.Segment, _ options: ReadOptions
    ) throws(FormatError) -> VoltageUnit {
        let names = segment.components(6).map(String.init).filter { !$0.isEmpty }
        guard let first = names.first else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing, place: segment.place(6),
                detail: "no unit: add it, or state the units with the request")
        }
        guard let unit = names.lazy.compactMap({ units[$0] ?? VoltageUnit(symbol: $0) }).first else {
            throw FormatError(
                .unitUnknown, place: segment.place(6),
                detail: "unit \(word(first)), expected one of voltage")
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: segment.place(6))
    }
}

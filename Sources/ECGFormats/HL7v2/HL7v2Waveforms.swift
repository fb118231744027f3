import ECG

/// Samples in OBX segments of type NA, with the rate and the resolution that others state.
///
/// OBX-4 says what states what (containment in IHE PCD TF-2, appendix B): device.VMD.channel.metric, zeros for the levels below,
/// and a fifth number for an attribute of one metric. Of several that apply the nearest one counts. Where OBX-4 of a lead is no
/// such path, what the message states applies to all.
struct HL7v2Waveforms {
    /// An attribute in a segment of type NM.
    private struct Attribute {
        let segment: HL7v2Message.Segment
        let scope: ArraySlice<Substring>

        init(_ segment: HL7v2Message.Segment) {
            self.segment = segment
            let path = HL7v2Waveforms.path(segment)
            var scope = path.prefix(4)
            if path.count <= 4 { while scope.last == "0" { scope.removeLast() } }
            self.scope = scope
        }
    }

    private(set) var signals: [(name: String, millivolts: [Float])] = []
    private let rates: [Attribute]
    private let resolutions: [Attribute]
    private var leads: [HL7v2Message.Segment] = []

    private static let units: [String: VoltageUnit] = [
        "MDC_DIM_MICRO_VOLT": .microvolts, "MDC_DIM_MILLI_VOLT": .millivolts, "MDC_DIM_NANO_VOLT": .nanovolts,
        "MDC_DIM_VOLT": .volts,
    ]

    /// Throws: ``FormatError``.
    init(_ message: HL7v2Message, _ options: ReadOptions) throws(FormatError) {
        let observations = message.segments("OBX")
        let attributes = { (name: Substring) in
            observations.filter { $0.field(2) == "NM" && $0.components(3).contains(name) }.map(Attribute.init)
        }
        rates = attributes("MDC_ATTR_SAMP_RATE")
        resolutions = attributes("MDC_ATTR_NU_MSMT_RES")
        for segment in observations where segment.field(2) == "NA" {
            guard let lead = try Self.lead(segment) else { continue }
            let scale = try scale(of: segment, options)
            var text = Array(segment.field(5).utf8)
            for index in text.indices
            where text[index] == segment.componentSeparator || text[index] == UInt8(ascii: "~") {
                text[index] = UInt8(ascii: ",")
            }
            let counts = try Signals.list(text, place: segment.place(5))
            signals.append((lead, counts.map { Float($0 * scale.countsToMillivolts) }))
            leads.append(segment)
        }
    }

    /// Throws: ``FormatError`` when the leads have different rates, or none and the client states none.
    func agreedRate(_ options: ReadOptions) throws(FormatError) -> SampleRate {
        var agreed: (hertz: Double, segment: HL7v2Message.Segment)?
        for lead in leads {
            guard let found = try Self.applying(rates, to: lead) else { continue }
            let hertz = try Self.number(found)
            guard agreed == nil || agreed?.hertz == hertz else {
                throw FormatError(
                    .malformed, place: found.place(5), detail: "a second, different sample rate")
            }
            agreed = (hertz, found)
        }
        guard let agreed else {
            if let stated = options.sampleRate { return stated }
            throw FormatError(
                .sampleRateMissing, place: .field("OBX"),
                detail: "no MDC_ATTR_SAMP_RATE: add it, or state the sample rate with the request")
        }
        return try Signals.rate(hertz: agreed.hertz, place: agreed.segment.place(5), options: options)
    }

    /// By the resolution that applies to a lead, else by its own unit.
    private func scale(
        of lead: HL7v2Message.Segment, _ options: ReadOptions
    ) throws(FormatError) -> Signals.Scale {
        guard let found = try Self.applying(resolutions, to: lead) else {
            return try Signals.Scale(step: 1, unit: Self.unit(lead, options), place: lead.place(6))
        }
        return try Signals.Scale(
            step: Self.number(found), unit: Self.unit(found, options), place: found.place(5))
    }

    /// The lead of OBX-3, by its identifier, or by its code where it has none; nil for what is no lead.
    ///
    /// Throws: ``FormatError`` when code and identifier are those of different leads.
    private static func lead(_ segment: HL7v2Message.Segment) throws(FormatError) -> String? {
        let components = segment.components(3)
        let coded = components.first.flatMap { MDCLead.name($0) }
        guard let identifier = components.dropFirst().first(where: { $0.hasPrefix("MDC_") }) else {
            return coded ?? components.lazy.compactMap { MDCLead.name($0) }.first
        }
        guard let name = MDCLead.name(identifier) else { return nil }
        if let coded, let meant = LeadLabel(coded), let other = LeadLabel(name), meant != other {
            throw FormatError(
                .malformed, place: segment.place(3),
                detail: "the code is that of lead \(coded), the name \(label(name))")
        }
        return name
    }

    /// The numbers of OBX-4.
    private static func path(_ segment: HL7v2Message.Segment) -> [Substring] {
        segment.components(4).first?.split(separator: ".") ?? []
    }

    /// The attribute with the longest scope that a lead lies in.
    ///
    /// Throws: ``FormatError`` when two of them contradict each other.
    private static func applying(
        _ attributes: [Attribute], to lead: HL7v2Message.Segment
    ) throws(FormatError) -> HL7v2Message.Segment? {
        let path = path(lead)
        let applying = attributes.filter { path.starts(with: $0.scope) }
        guard let longest = applying.map(\.scope.count).max() else {
            return path.count < 4 ? try common(attributes) : nil
        }
        return try common(applying.filter { $0.scope.count == longest })
    }

    /// What all attributes state alike; nil if there are none.
    ///
    /// Throws: ``FormatError``.
    private static func common(_ attributes: [Attribute]) throws(FormatError) -> HL7v2Message.Segment? {
        guard let first = attributes.first?.segment else { return nil }
        for other in attributes.dropFirst().map(\.segment)
        where try number(other) != number(first) || other.components(6) != first.components(6) {
            throw FormatError(
                .malformed, place: other.place(5),
                detail: "a second, different \(label(other.components(3).dropFirst().first ?? "value"))")
        }
        return first
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

import ECG

/// A sequence set of an annotated ECG: a time base and the leads over it.
struct AnnotatedSequences {
    let element: XMLElement
    private let time: XMLElement?
    let leads: [(name: String, value: XMLElement)]

    private static let leadPrefixes = ["MDC_ECG_LEAD_", "MDC_ECG_ELEC_POTL_"]

    init(_ set: XMLElement) {
        element = set
        var time: XMLElement?
        var leads: [(name: String, value: XMLElement)] = []
        for sequence in set.children("component").compactMap({ $0.first("sequence") }) {
            guard let code = sequence.first("code")?.attribute("code"), let value = sequence.first("value")
            else {
                continue
            }
            if code == "TIME_ABSOLUTE" || code == "TIME_RELATIVE" {
                time = time ?? value
            } else if let prefix = Self.leadPrefixes.first(where: code.hasPrefix) {
                leads.append((String(code.dropFirst(prefix.count)), value))
            }
        }
        self.time = time
        self.leads = leads
    }

    private init(_ first: AnnotatedSequences, leads: [(name: String, value: XMLElement)]) {
        element = first.element
        time = first.time
        self.leads = leads
    }

    /// Sets over the same time base as one: some writers give every lead a set of its own.
    static func joined(_ sets: [AnnotatedSequences]) -> [AnnotatedSequences] {
        var joined: [AnnotatedSequences] = []
        for set in sets {
            if let base = set.timeBase, let same = joined.firstIndex(where: { $0.timeBase == base }) {
                joined[same] = AnnotatedSequences(joined[same], leads: joined[same].leads + set.leads)
            } else {
                joined.append(set)
            }
        }
        return joined
    }

    /// Head and increment as written; nil without an increment.
    private var timeBase: [String?]? {
        guard let increment = time?.first("increment") else { return nil }
        let head = time?.first("head")
        return [
            head?.attribute("value"), head?.attribute("unit"), increment.attribute("value"),
            increment.attribute("unit"),
        ]
    }

    /// UTC if the file has a time zone, else the local time.
    var startTime: (utc: String?, local: String?)? {
        guard let head = time?.first("head")?.attribute("value") else { return nil }
        let found = HL7Time.parse(head)
        return found.utc == nil && found.local == nil ? nil : found
    }

    /// Throws: ``FormatError``.
    func rate(_ options: ReadOptions) throws(FormatError) -> SampleRate {
        guard let increment = time?.first("increment") else {
            if let stated = options.sampleRate { return stated }
            throw (time ?? element).error(.sampleRateMissing, "there is no time sequence with an <increment>")
        }
        let value = try increment.number(attribute: "value")
        let perSecond: Double
        switch increment.attribute("unit") {
        case "s": perSecond = 1
        case "ms": perSecond = 1_000
        case "us": perSecond = 1_000_000
        case let unit:
            throw increment.error(.malformed, "the unit is \(word(unit ?? "")), expected s, ms or us")
        }
        guard value > 0 else {
            throw increment.error(.malformed, "an increment of \(value), expected more than 0")
        }
        return try Signals.rate(
            hertz: Period.rate(perSecond / value), place: increment.place, options: options)
    }

    /// Throws: ``FormatError``.
    func signals(_ options: ReadOptions) throws(FormatError) -> [(name: String, millivolts: [Float])] {
        try leads.map { lead throws(FormatError) in
            let type = lead.value.attribute("type") ?? "SLIST_PQ"
            guard type.hasSuffix("SLIST_PQ") else {
                throw lead.value.error(
                    .unsupportedEncoding, "a list of type '\(token(type))', expected SLIST_PQ")
            }
            let scale = try lead.value.required("scale")
            let step = try Signals.Scale(
                step: scale.number(attribute: "value"), unit: unit(scale, options), place: scale.place
            ).countsToMillivolts
            var origin = 0.0
            if let element = lead.value.first("origin") {
                let value = try element.number(attribute: "value")
                if value != 0 { origin = try value / unit(element, options).unitsPerMillivolt }
            }
            let digits = try lead.value.required("digits")
            let counts = try Signals.list(digits.content, place: digits.place)
            return (lead.name, counts.map { Float(origin + $0 * step) })
        }
    }

    private func unit(_ element: XMLElement, _ options: ReadOptions) throws(FormatError) -> VoltageUnit {
        guard let symbol = element.attribute("unit"), !symbol.isEmpty else {
            if let stated = options.unit { return stated }
            throw element.error(.unitMissing, "there is no unit: add it, or state the units with the request")
        }
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw element.error(.unitUnknown, "unit \(word(symbol)), expected V, mV, uV or nV")
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: element.place)
    }
}

/// Rates from sample intervals.
enum Period {
    /// A rate that a decimal interval stands for: whole numbers are not missed by a rounding error.
    static func rate(_ hertz: Double) -> Double {
        let whole = hertz.rounded()
        return (hertz - whole).magnitude <= 1e-9 * whole ? whole : hertz
    }
}

/// Times as HL7 writes them: YYYYMMDDHHMMSS[.fraction][+ZZZZ].
enum HL7Time {
    /// UTC when there is an offset, else the local time; neither for what is no time to the second.
    static func parse(_ text: String?) -> (utc: String?, local: String?) {
        guard let text, let local = LocalTime.compact(text) else { return (nil, nil) }
        let zone = text.drop { $0 != "+" && $0 != "-" }
        guard zone.count == 5 else { return (nil, local) }
        return (Timestamp(local + zone.prefix(3) + ":" + zone.suffix(2))?.utc, nil)
    }
}

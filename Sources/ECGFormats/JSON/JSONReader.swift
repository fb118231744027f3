private import Bytes
package import ECG

/// Reads the project's own JSON: sampleRate, units and leads, with time, device and filters where known.
///
///     {"sampleRate": 500, "units": "mV", "leads": {"I": [0.01, null, ...], ...}}
///
/// `leads` may also be an array of {"name", "samples"}; null is a missing sample. Members of other names are
/// refused, as a misspelt "unit" must not pass unseen.
package enum JSONReader: FormatReader {
    package static let format = ECGFormat(
        id: "json", name: "JSON", mediaTypes: ["application/json", "text/json"], fileExtensions: ["json"])

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return JSONOutline.mark(of: bytes) == "leads"
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in try recording(bytes, options) }
    }

    private static func recording(_ bytes: [UInt8], _ options: ReadOptions) throws(FormatError) -> Recording {
        let document = JSONPlace(value: try JSONOutline.parse(bytes, limits: limits), pointer: "")
        try document.allowOnly([
            "sampleRate", "units", "leads", "startTime", "localStartTime", "device", "filters",
        ])
        let sampleRate = try sampleRate(document, options)
        let unit = try unit(document, options)
        let startTime = try startTime(document)
        let localStartTime = try localStartTime(document)
        let device = try device(document)
        let filters = try filters(document)
        let leads = try leads(document)
        let signals = try leads.map { lead throws(FormatError) in
            (name: lead.name, millivolts: try samples(lead.samples, unit))
        }
        var recording = try FormatError.building(.pointer("/leads")) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: sampleRate, startTime: startTime, device: device,
                filters: filters?.ifKnown)
        }
        recording.localStartTime = localStartTime
        return recording
    }

    private static func sampleRate(
        _ document: JSONPlace, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        guard let member = document["sampleRate"] else {
            if let stated = options.sampleRate { return stated }
            throw FormatError(
                .sampleRateMissing, place: .pointer("/sampleRate"),
                detail: "no sampleRate: add it in hertz, or state the sample rate with the request")
        }
        guard let hertz = member.value.double else { throw member.unexpected("a number of hertz") }
        let rate: SampleRate
        do { rate = try SampleRate(hertz: hertz) } catch {
            throw FormatError(error, place: .pointer(member.pointer))
        }
        return try StatedValues.agree(onRate: rate, stated: options.sampleRate)
    }

    private static func unit(_ document: JSONPlace, _ options: ReadOptions) throws(FormatError) -> VoltageUnit
    {
        guard let member = document["units"] else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing, place: .pointer("/units"),
                detail: "no units: add \"units\": \"mV\" (or uV, nV, V), or state the units with the request")
        }
        guard let symbol = member.value.string else { throw member.unexpected("a string") }
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw FormatError(
                .unitUnknown, place: .pointer(member.pointer),
                detail: "units \(word(symbol)), expected V, mV, uV or nV")
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: .pointer(member.pointer))
    }

    private static func startTime(_ document: JSONPlace) throws(FormatError) -> String? {
        guard let member = document["startTime"] else { return nil }
        guard let time = member.value.string.flatMap(Timestamp.init) else {
            throw member.unexpected("a time by RFC 3339 with its offset")
        }
        return time.utc
    }

    private static func localStartTime(_ document: JSONPlace) throws(FormatError) -> String? {
        guard let member = document["localStartTime"] else { return nil }
        guard let text = member.value.string, text.utf8.count == 19, let time = LocalTime.checked(text) else {
            throw member.unexpected("a time without offset, as 2024-02-29T23:59:59")
        }
        return time
    }

    private static func filters(_ document: JSONPlace) throws(FormatError) -> AppliedFilters? {
        guard let member = document["filters"] else { return nil }
        try member.allowOnly(["highPassHertz", "lowPassHertz", "notchHertz"])
        let hertz = { (key: String) throws(FormatError) -> Double? in
            guard let field = member[key] else { return nil }
            guard let value = field.value.double, value > 0, value <= 20_000 else {
                throw field.unexpected("a frequency in hertz")
            }
            return value
        }
        return AppliedFilters(
            highPassHertz: try hertz("highPassHertz"), lowPassHertz: try hertz("lowPassHertz"),
            notchHertz: try hertz("notchHertz"))
    }

    private static func device(_ document: JSONPlace) throws(FormatError) -> Device? {
        guard let member = document["device"] else { return nil }
        try member.allowOnly(["manufacturer", "model", "softwareVersion"])
        let text = { (key: String) throws(FormatError) -> String? in
            guard let field = member[key] else { return nil }
            guard let string = field.value.string, string.unicodeScalars.count <= 100 else {
                throw field.unexpected("a string of at most 100 characters")
            }
            return string
        }
        return Device(
            manufacturer: try text("manufacturer"), model: try text("model"),
            softwareVersion: try text("softwareVersion"))
    }

    private static func leads(
        _ document: JSONPlace
    ) throws(FormatError) -> [(name: String, samples: JSONPlace)] {
        guard let member = document["leads"] else {
            throw document.unexpected("an object with \"leads\"")
        }
        var leads: [(name: String, samples: JSONPlace)] = []
        if let members = member.value.members {
            for lead in members { leads.append((lead.key, member.child(lead.key, lead.value))) }
        } else if let elements = member.value.elements {
            for (index, element) in elements.prefix(maximumLeads + 1).enumerated() {
                let lead = member.child("\(index)", element)
                try lead.allowOnly(["name", "samples"])
                guard let name = lead["name"]?.value.string, let samples = lead["samples"] else {
                    throw lead.unexpected("an object with \"name\" and \"samples\"")
                }
                leads.append((name, samples))
            }
        } else {
            throw member.unexpected("an object of leads by name")
        }
        guard leads.count <= maximumLeads else {
            throw FormatError(
                .limitExceeded, place: .pointer(member.pointer), detail: "more than \(maximumLeads) leads")
        }
        return leads
    }

    private static let maximumLeads = 64
    /// Three levels of a few objects; what a flat array of numbers holds is not counted.
    private static let limits = JSONLimits(depth: 8, members: 1_000)

    private static func samples(_ place: JSONPlace, _ unit: VoltageUnit) throws(FormatError) -> [Float] {
        let perMillivolt = unit.unitsPerMillivolt
        if let numbers = place.value.doubles { return numbers.map { Float($0 / perMillivolt) } }
        guard let elements = place.value.elements else { throw place.unexpected("an array of numbers") }
        var samples: [Float] = []
        samples.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            switch element {
            case .number(let number): samples.append(Float(number / perMillivolt))
            case .null: samples.append(.nan)
            default:
                throw place.child("\(index)", element).unexpected("a number, or null where one is missing")
            }
        }
        return samples
    }
}

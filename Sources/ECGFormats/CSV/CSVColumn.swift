private import Bytes
import ECG

/// What a column of a table holds, by its label: "I", "V1 [uV]", "Lead aVR (mV)", "time [s]".
struct CSVColumn: Equatable {
    enum Kind: Equatable {
        /// Seconds that one unit of the column stands for; nil when the label names no unit.
        case time(seconds: Double?)
        /// The sample rate in hertz, the same in every row.
        case rate
        case lead(String, VoltageUnit?)
        /// Counts the rows.
        case rowNumber
        /// What a delimiter at the end of every line makes: always empty.
        case blank
    }

    let kind: Kind

    private static let timeNames: Set<String> = ["time", "zeit", "t", "elapsed time"]
    private static let numberNames: Set<String> = [
        "index", "sample", "sample number", "sample #", "row", "n",
    ]
    private static let rateNames: Set<String> = ["samplerate", "sample_rate", "sample rate", "sampling_rate"]

    /// A column that counts rows.
    static let rowNumber = CSVColumn(kind: .rowNumber)

    private init(kind: Kind) { self.kind = kind }

    /// Throws: ``FormatError`` for a unit that is no time or voltage, or a name that is no lead.
    init(label: String, place: FormatError.Place) throws(FormatError) {
        let (name, unit) = Self.split(label)
        if name.isEmpty, unit == nil {
            kind = .blank
        } else if Self.timeNames.contains(name.lowercased()) {
            kind = .time(
                seconds: try unit.map { symbol throws(FormatError) in try Self.seconds(symbol, place) })
        } else if Self.rateNames.contains(name.lowercased()) {
            guard unit == nil || unit?.lowercased() == "hz" else {
                throw FormatError(
                    .unitUnknown, place: place, detail: "a rate in \(word(unit ?? "")), expected Hz")
            }
            kind = .rate
        } else if Self.numberNames.contains(name.lowercased()), unit == nil {
            kind = .rowNumber
        } else {
            guard let lead = LeadCode.name(spelt: name) else {
                throw FormatError(RecordingError.unknownLead(name: name), place: place)
            }
            kind = .lead(lead, try unit.map { symbol throws(FormatError) in try Self.voltage(symbol, place) })
        }
    }

    /// Whether a label names a time.
    static func isTime(_ label: String) -> Bool { timeNames.contains(split(label).name.lowercased()) }

    /// Whether a word is a unit of voltage or time.
    static func isUnit(_ word: String) -> Bool {
        VoltageUnit(symbol: word) != nil || (try? seconds(word, .line(1, column: nil))) != nil
    }

    /// Whether a label names a lead, a time or the rate, whatever its unit.
    static func recognises(_ label: String) -> Bool {
        let name = split(label).name
        return timeNames.union(rateNames).contains(name.lowercased()) || LeadCode.name(spelt: name) != nil
    }

    /// Name and unit, which stands in brackets or parentheses at the end, or after an underscore: "time_ms", "V1_uV".
    private static func split(_ label: String) -> (name: String, unit: String?) {
        let text = label.trimmed
        let open: Character? = text.last == "]" ? "[" : text.last == ")" ? "(" : nil
        guard let open, let start = text.lastIndex(of: open) else {
            guard let mark = text.lastIndex(of: "_") else { return (text, nil) }
            let (name, unit) = (String(text[..<mark]), String(text[text.index(after: mark)...]))
            let isTime = timeNames.contains(name.lowercased())
            let hasUnit = isTime || (LeadLabel(name) != nil && VoltageUnit(symbol: unit) != nil)
            return hasUnit ? (name, unit) : (text, nil)
        }
        return (text[..<start].trimmed, text[text.index(after: start)...].dropLast().trimmed)
    }

    private static func seconds(_ symbol: String, _ place: FormatError.Place) throws(FormatError) -> Double {
        switch symbol.lowercased() {
        case "s", "sec", "seconds", "sekunden", "mm:ss.mmm", "hh:mm:ss.mmm": 1
        case "ms", "msec", "milliseconds": 1e-3
        case "us", "\u{B5}s", "\u{3BC}s", "microseconds": 1e-6
        default:
            throw FormatError(
                .unitUnknown, place: place, detail: "time in \(word(symbol)), expected s, ms or us")
        }
    }

    private static func voltage(
        _ symbol: String, _ place: FormatError.Place
    ) throws(FormatError) -> VoltageUnit {
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw FormatError(
                .unitUnknown, place: place, detail: "units \(word(symbol)), expected V, mV, uV or nV")
        }
        return unit
    }
}

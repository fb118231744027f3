import ECG

/// What the comment lines in front of a table state.
struct CSVComments {
    private(set) var sampleRate: SampleRate?
    private(set) var unit: VoltageUnit?

    /// "# sampleRate: 500 Hz", "# units = mV"; other comments say nothing to a reader.
    mutating func read(_ comment: String, line: Int) throws(FormatError) {
        let text = comment.dropFirst().drop { $0 == "#" }
        guard let mark = text.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return }
        let key = text[..<mark].trimmed.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
        // Spreadsheets fill a comment's line up with delimiters.
        let value = text[text.index(after: mark)...].prefix { !",;\t".contains($0) }.trimmed
        let place = FormatError.Place.line(line, column: nil)
        switch key {
        case "samplerate", "samplingrate", "samplingfrequency":
            let rate = try Self.rate(value, place)
            sampleRate = try StatedValues.agree(onRate: rate, stated: sampleRate)
        case "unit", "units":
            guard let found = VoltageUnit(symbol: value) else {
                throw FormatError(
                    .unitUnknown, place: place, detail: "units \(word(value)), expected V, mV, uV or nV")
            }
            unit = try StatedValues.agree(onUnit: found, stated: unit, place: place)
        default: break
        }
    }

    private static func rate(_ text: String, _ place: FormatError.Place) throws(FormatError) -> SampleRate {
        let number = text.lowercased().hasSuffix("hz") ? text.dropLast(2).trimmed : text
        guard let hertz = Double(number) else {
            throw FormatError(
                .malformed, place: place, detail: "sample rate '\(token(text))', expected a number of hertz")
        }
        do { return try SampleRate(hertz: hertz) } catch { throw FormatError(error, place: place) }
    }
}

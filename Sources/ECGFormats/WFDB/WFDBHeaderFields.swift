import ECG

/// Lines that are neither empty nor comments, with their numbers.
struct HeaderLines {
    struct Line {
        let text: String
        let number: Int
    }

    private var rest: ArraySlice<UInt8>
    private var number = 0

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> Line? {
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0x0A }
            rest = rest[line.endIndex...].dropFirst()
            number += 1
            guard let first = line.first(where: { $0 > 0x20 }), first != UInt8(ascii: "#") else { continue }
            // A line longer than any real one is not worth decoding as text.
            return Line(text: String(decoding: line.prefix(1_000), as: UTF8.self), number: number)
        }
        return nil
    }

    static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\r" || character == "\u{1A}"
    }
}

/// The record line: name[/segments] signals [frequency[/counter[(base)]] [samples [time [date]]]].
struct RecordFields {
    let name: String
    /// Nil for a record of one segment, which has no segment lines.
    let segmentCount: Int?
    let signalCount: Int
    let tokens: [Substring]

    init?(_ line: String) {
        tokens = line.split(whereSeparator: HeaderLines.isBlank)
        guard tokens.count >= 2, let count = Int(tokens[1]), tokens[1].first?.isNumber == true else {
            return nil
        }
        let names = tokens[0].split(separator: "/", omittingEmptySubsequences: false)
        guard let first = names.first, Self.isName(first), names.count <= 2 else { return nil }
        if names.count == 2, Int(names[1]) == nil { return nil }
        name = String(first)
        segmentCount = names.count == 2 ? Int(names[1]) : nil
        signalCount = count
    }

    /// Whether a text can name a record: letters, digits, underscores and hyphens.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }

    func samplingFrequency(_ place: FormatError.Place) throws(FormatError) -> Double? {
        guard tokens.count > 2 else { return nil }
        let text = tokens[2].prefix { $0 != "/" }
        guard let frequency = Double(text) else {
            throw FormatError(
                .malformed, place: place,
                detail: "WFDB: sampling frequency is '\(token(tokens[2]))', expected a number")
        }
        return frequency
    }

    func sampleCount(_ place: FormatError.Place) throws(FormatError) -> Int? {
        guard tokens.count > 3 else { return nil }
        guard let count = Int(tokens[3]), count >= 0 else {
            throw FormatError(
                .malformed, place: place,
                detail: "WFDB: number of samples is '\(token(tokens[3]))', expected a whole number")
        }
        guard count <= Recording.maximumSamples else {
            throw FormatError(
                .limitExceeded, place: place,
                detail: "WFDB: \(count) samples a signal, at most \(Recording.maximumSamples) are read")
        }
        return count == 0 ? nil : count
    }

    /// HH:MM:SS[.fraction] DD/MM/YYYY, the hours perhaps of one digit; nil for anything else.
    var localStartTime: String? {
        guard tokens.count > 5 else { return nil }
        let time = tokens[4].prefix { $0 != "." }.split(separator: ":", omittingEmptySubsequences: false)
        let date = tokens[5].split(separator: "/", omittingEmptySubsequences: false)
        guard time.count == 3, date.count == 3 else { return nil }
        let two = { (text: Substring) in text.count == 1 ? "0" + text : String(text) }
        return LocalTime.checked(
            "\(date[2])-\(two(date[1]))-\(two(date[0]))T\(two(time[0])):\(two(time[1])):\(two(time[2]))")
    }
}

extension WFDBSegment {
    /// Name and number of samples.
    ///
    /// Throws: ``FormatError``.
    init(_ line: HeaderLines.Line) throws(FormatError) {
        let fields = line.text.split(whereSeparator: HeaderLines.isBlank)
        let place = FormatError.Place.line(line.number, column: nil)
        guard fields.count >= 2, let count = Int(fields[1]), count >= 0,
            fields[0] == WFDBSignal.noFile || RecordFields.isName(fields[0])
        else {
            throw FormatError(
                .malformed, place: place,
                detail: "WFDB: no segment line, expected the segment's name and number of samples")
        }
        guard count <= Recording.maximumSamples else {
            throw FormatError(
                .limitExceeded, place: place,
                detail: "WFDB: \(count) samples a signal, at most \(Recording.maximumSamples) are read")
        }
        self.init(name: String(fields[0]), sampleCount: count, line: line.number)
    }
}

extension WFDBSignal {
    /// File, format[xN][:skew][+offset], gain[(baseline)][/units], resolution, zero, initial value, checksum,
    /// block size, description: what is absent takes the default that header(5) gives it.
    init(_ line: HeaderLines.Line) throws(FormatError) {
        var fields = SignalFields(line)
        fileName = try fields.fileName()
        let layout = try fields.layout(hasFile: fileName != WFDBSignal.noFile)
        (storage, offset) = (layout.storage, layout.offset)
        (samplesPerFrame, skew) = (layout.samplesPerFrame, layout.skew)
        let calibration = try fields.calibration()
        _ = try fields.integer("ADC resolution")
        let zero = try fields.integer("ADC zero") ?? 0
        gain = calibration.gain
        units = calibration.units
        baseline = calibration.baseline ?? zero
        initialValue = try fields.integer("initial value") ?? zero
        checksum = try fields.integer("checksum").map { UInt16(truncatingIfNeeded: $0) }
        _ = try fields.integer("block size")
        description = fields.rest.trimmed
        self.line = line.number
    }
}

/// Takes the fields of a signal line one after another.
private struct SignalFields {
    private(set) var rest: Substring
    private let place: FormatError.Place

    init(_ line: HeaderLines.Line) {
        rest = line.text[...]
        while let last = rest.last, HeaderLines.isBlank(last) { rest.removeLast() }
        place = .line(line.number, column: nil)
    }

    private mutating func next() -> Substring? {
        rest = rest.drop(while: HeaderLines.isBlank)
        let field = rest.prefix { !HeaderLines.isBlank($0) }
        rest = rest[field.endIndex...]
        return field.isEmpty ? nil : field
    }

    private func malformed(_ field: String, _ found: some StringProtocol, _ expected: String) -> FormatError {
        FormatError(
            .malformed, place: place,
            detail: "WFDB: \(field) is '\(token(found))', expected \(expected)")
    }

    mutating func fileName() throws(FormatError) -> String {
        let name = next() ?? ""
        guard name != "-" else {
            throw FormatError(
                .unsupportedEncoding, place: place, detail: "WFDB: a signal without a file of its own")
        }
        guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0 == "\\" }), name != "..", name != "."
        else {
            throw FormatError(
                .unsafeName, place: place,
                detail: "WFDB: signal file '\(token(name))', expected a name without folders")
        }
        return String(name)
    }

    /// Format, samples a frame, skew and offset.
    struct Layout {
        let storage: WFDBStorage
        let samplesPerFrame: Int
        let skew: Int
        let offset: Int
    }

    private static let maximumSamplesPerFrame = 1_000

    /// A signal without a file has format 0, which is never decoded.
    mutating func layout(hasFile: Bool) throws(FormatError) -> Layout {
        let field = next() ?? ""
        var text = field
        let number = Self.digits(&text)
        guard let number else { throw malformed("format", field, "a number") }
        var modifiers: [Character: Int] = [:]
        while let mark = text.popFirst() {
            guard "x:+".contains(mark), modifiers[mark] == nil, let value = Self.digits(&text) else {
                throw malformed("format", field, "a number with xN, :skew or +offset")
            }
            modifiers[mark] = value
        }
        guard let storage = WFDBStorage(format: hasFile ? number : 16) else {
            let known = WFDBStorage.formats.map { "\($0)" }.joined(separator: ", ")
            throw FormatError(
                .unsupportedEncoding, place: place, detail: "WFDB: format \(number), expected one of \(known)"
            )
        }
        let perFrame = modifiers["x", default: 1]
        let skew = modifiers[":", default: 0]
        guard (1...Self.maximumSamplesPerFrame).contains(perFrame), skew <= Recording.maximumSamples else {
            throw FormatError(
                .limitExceeded, place: place,
                detail: "WFDB: \(perFrame) samples a frame, skew \(skew): more than is read")
        }
        return Layout(
            storage: storage, samplesPerFrame: perFrame, skew: skew, offset: modifiers["+", default: 0])
    }

    /// gain[(baseline)][/units]
    mutating func calibration() throws(FormatError) -> (gain: Double?, baseline: Int?, units: String?) {
        guard let field = next() else { return (nil, nil, nil) }
        let halves = field.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var number = halves[0]
        var baseline: Int?
        if let open = number.firstIndex(of: "(") {
            let inner = number[number.index(after: open)...]
            guard inner.last == ")", let value = Int32(inner.dropLast()) else {
                throw malformed("baseline", field, "a whole number in parentheses")
            }
            baseline = Int(value)
            number = number[..<open]
        }
        guard let gain = Double(number), gain.isFinite else { throw malformed("gain", field, "a number") }
        let units = halves.count == 2 ? String(halves[1]) : nil
        if let units, units.isEmpty { throw malformed("units", field, "a unit after the '/'") }
        return (gain, baseline, units)
    }

    mutating func integer(_ name: String) throws(FormatError) -> Int? {
        guard let field = next() else { return nil }
        // 32-bit, as the WFDB library stores them: sums of them cannot overflow.
        guard let value = Int32(field) else { throw malformed(name, field, "a whole number") }
        return Int(value)
    }

    /// At most nine digits: no file is larger.
    private static func digits(_ text: inout Substring) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count) else { return nil }
        text = text[digits.endIndex...]
        return Int(digits)
    }
}

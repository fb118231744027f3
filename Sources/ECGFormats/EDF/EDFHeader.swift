/// The header of an EDF, EDF+ or BDF file, all in ASCII (Kemp et al. 1992 and 2003; www.edfplus.info/specs).
///
///       0  8    version: "0" (EDF), FF "BIOSEMI" (BDF)      184  8   bytes of the header
///       8  80   patient        88  80  recording            192  44  "EDF+C", "EDF+D", "BDF+C", "24BIT" or blanks
///     168  8    date           176  8  time                 236  8   data records    244  8  seconds of each
///     252  4    signals, of which each field follows for all signals in turn:
///     label 16, transducer 80, dimension 8, physical minimum 8 and maximum 8, digital minimum 8 and maximum 8,
///     prefilter 80, samples a data record 8, reserved 32
struct EDFHeader {
    let isBDF: Bool
    /// Whether data records may not follow one another in time (EDF+D).
    let isDiscontinuous: Bool
    let dataOffset: Int
    /// Nil when the writer did not come back to count them (-1).
    let recordCount: Int?
    let recordSeconds: Double
    /// "dd.mm.yy" and "hh.mm.ss" of the device's clock, years from 1985 on.
    let localStartTime: String?
    let signals: [EDFSignal]

    private static let fixedBytes = 256
    private static let maximumSignals = 256
    private static let fields = [16, 80, 8, 8, 8, 8, 8, 80, 8, 32]

    var bytesPerSample: Int { isBDF ? 3 : 2 }
    /// Samples of all signals in one data record.
    var samplesPerRecord: Int { signals.reduce(0) { $0 + $1.samplesPerRecord } }

    static func recognises(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: "0       ".utf8) || bytes.starts(with: [0xFF] + Array("BIOSEMI".utf8))
    }

    /// Throws: ``FormatError``.
    init(_ view: BinaryView) throws(FormatError) {
        isBDF = view.bytes.first == 0xFF
        localStartTime = Self.time(
            try view.text(at: 168, count: 8, for: "date"), try view.text(at: 176, count: 8, for: "time"))
        let kind = try view.text(at: 192, count: 44, for: "the header")
        isDiscontinuous = kind.hasPrefix("EDF+D") || kind.hasPrefix("BDF+D")
        let claimed = try Self.integer(view, at: 184, count: 8, "bytes of the header")
        let records = try Self.integer(view, at: 236, count: 8, "number of data records")
        let seconds = try Self.number(view, at: 244, count: 8, "duration of a data record")
        let count = try Self.integer(view, at: 252, count: 4, "number of signals")
        guard records == -1 || records > 0 else {
            throw view.malformed(at: 236, "\(records) data records, expected 1 or more")
        }
        guard seconds > 0 else {
            throw view.malformed(at: 244, "a data record lasts \(seconds) s, expected more than 0")
        }
        guard (1...Self.maximumSignals).contains(count) else {
            throw view.refusal(
                count > 0 ? .limitExceeded : .malformed, at: 252,
                "\(count) signals, expected 1 to \(Self.maximumSignals)")
        }
        guard claimed == Self.fixedBytes * (count + 1) else {
            throw view.malformed(
                at: 184, "a header of \(claimed) bytes, expected \(Self.fixedBytes * (count + 1))")
        }
        (recordCount, recordSeconds, dataOffset) = (records == -1 ? nil : records, seconds, claimed)
        let run = try view.window(
            at: Self.fixedBytes, count: Self.fixedBytes * count, for: "the headers of \(count) signals")
        var signals: [EDFSignal] = []
        for index in 0..<count {
            let places = Self.places(of: index, count: count)
            signals.append(try EDFSignal(run, places: places, isBDF: isBDF))
        }
        self.signals = signals
    }

    private static func time(_ date: String, _ time: String) -> String? {
        let numbers = [date, time].flatMap {
            $0.split(whereSeparator: { ".:".contains($0) }).map { Int($0) ?? -1 }
        }
        guard numbers.count == 6, (0...99).contains(numbers[2]) else { return nil }
        return LocalTime.of(
            year: numbers[2] + (numbers[2] < 85 ? 2_000 : 1_900), month: numbers[1], day: numbers[0],
            hour: numbers[3], minute: numbers[4], second: numbers[5])
    }

    /// Offset of each field of a signal.
    private static func places(of index: Int, count: Int) -> [Int] {
        var start = 0
        return fields.map { width in
            defer { start += width * count }
            return start + width * index
        }
    }

    static func integer(_ view: BinaryView, at offset: Int, count: Int, _ name: String) throws(FormatError)
        -> Int
    {
        let text = try view.text(at: offset, count: count, for: name)
        guard let value = Int(text) else {
            throw view.malformed(at: offset, "\(name) is '\(token(text))', expected a whole number")
        }
        return value
    }

    static func number(
        _ view: BinaryView, at offset: Int, count: Int, _ name: String
    ) throws(FormatError) -> Double {
        let text = try view.text(at: offset, count: count, for: name)
        guard let value = Double(text), value.isFinite else {
            throw view.malformed(at: offset, "\(name) is '\(token(text))', expected a number")
        }
        return value
    }
}

/// One signal of the header.
struct EDFSignal {
    let label: String
    let dimension: String
    let physical: (minimum: Double, maximum: Double)
    let digital: (minimum: Int, maximum: Int)
    let prefilter: String
    let samplesPerRecord: Int
    /// Of the dimension, in the file.
    let dimensionOffset: Int

    private static let maximumSamplesPerRecord = 10_000_000

    var isAnnotations: Bool { Self.isAnnotations(label) }

    private static func isAnnotations(_ label: String) -> Bool {
        label == "EDF Annotations" || label == "BDF Annotations"
    }

    init(_ run: BinaryView, places: [Int], isBDF: Bool) throws(FormatError) {
        let label = try run.text(at: places[0], count: 16, for: "a label")
        self.label = label
        dimension = try run.text(at: places[2], count: 8, for: "a dimension")
        dimensionOffset = run.origin + places[2]
        prefilter = try run.text(at: places[7], count: 80, for: "a prefilter")
        samplesPerRecord = try EDFHeader.integer(run, at: places[8], count: 8, "samples a data record")
        guard (0...Self.maximumSamplesPerRecord).contains(samplesPerRecord) else {
            throw run.malformed(at: places[8], "\(samplesPerRecord) samples in a data record")
        }
        guard !Self.isAnnotations(label) else {
            (physical, digital) = ((0, 1), (0, 1))
            return
        }
        physical = (
            try EDFHeader.number(run, at: places[3], count: 8, "physical minimum"),
            try EDFHeader.number(run, at: places[4], count: 8, "physical maximum")
        )
        digital = (
            try EDFHeader.integer(run, at: places[5], count: 8, "digital minimum"),
            try EDFHeader.integer(run, at: places[6], count: 8, "digital maximum")
        )
        guard digital.minimum != digital.maximum, physical.minimum != physical.maximum else {
            throw run.malformed(at: places[5], "minimum and maximum are the same: nothing gives the scale")
        }
    }

    /// The lead's name: "I", "ECG I", "ECG Lead V1", "ECG V1-ref".
    var lead: String? { LeadCode.name(spelt: label) }

    /// Dimension units of a stored integer.
    func value(_ digit: Int) -> Double {
        physical.minimum + (Double(digit) - Double(digital.minimum)) * (physical.maximum - physical.minimum)
            / (Double(digital.maximum) - Double(digital.minimum))
    }
}

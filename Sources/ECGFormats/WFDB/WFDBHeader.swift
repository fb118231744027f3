/// The header file of a WFDB record (PhysioNet, WFDB Applications Guide, header(5)).
package struct WFDBHeader: Sendable, Equatable {
    package let recordName: String
    /// In hertz; nil when the record line ends before it.
    package let samplingFrequency: Double?
    /// Samples of each signal; nil when the header leaves it to the signal files.
    package let sampleCount: Int?
    /// Base time and date, "2024-02-29T23:59:59"; nil when the record line has not both.
    package let localStartTime: String?
    /// Empty where the record has segments.
    package let signals: [WFDBSignal]
    /// What a record of several segments consists of, in order.
    package let segments: [WFDBSegment]

    package static let maximumSignals = 64
    package static let maximumSegments = 10_000

    /// Names of the files that a header refers to, each once: headers of segments, or signal files. What a command line
    /// must collect.
    ///
    /// Throws: ``FormatError``; names that lead out of the header's folder are refused.
    package static func fileNames(of bytes: [UInt8]) throws(FormatError) -> [String] {
        let header = try WFDBHeader(bytes)
        var names: [String] = []
        let files = header.signals.map(\.fileName).filter { $0 != WFDBSignal.noFile }
        for name in files + header.segments.compactMap(\.headerName) where !names.contains(name) {
            names.append(name)
        }
        return names
    }
}

/// A segment line of a header: the segment's name, "~" for a gap, and how long it is.
package struct WFDBSegment: Sendable, Equatable {
    package let name: String
    /// Samples of each signal; 0 for the segment that only lays down which signals there are.
    package let sampleCount: Int
    /// In the header file, counted from 1.
    package let line: Int

    /// The file that describes the segment; nil for a gap.
    package var headerName: String? { name == WFDBSignal.noFile ? nil : name + ".hea" }
}

/// A signal line of a header.
package struct WFDBSignal: Sendable, Equatable {
    package let fileName: String
    package let storage: WFDBStorage
    /// Samples of this signal for each of the record.
    package let samplesPerFrame: Int
    /// Frames by which the signal's samples come late in the file.
    package let skew: Int
    /// What stands in front of the samples: bytes, or of a FLAC stream samples of a channel.
    package let offset: Int
    /// Units of the converter for each physical unit; nil or 0 when the signal is not calibrated.
    package let gain: Double?
    /// The converter's value at 0 physical units.
    package let baseline: Int
    /// As written; nil means millivolts.
    package let units: String?
    /// The value before the first difference of format 8.
    package let initialValue: Int
    /// Sum of all samples, modulo 65,536.
    package let checksum: UInt16?
    /// The lead's name.
    package let description: String
    /// In the header file, counted from 1.
    package let line: Int

    /// Stands for a file where there is none.
    static let noFile = "~"
}

extension WFDBHeader {
    /// Whether a text begins as a header does: a record line, then a signal line that names a file.
    static func recognises(_ bytes: [UInt8]) -> Bool {
        guard ContentKind(bytes).isText else { return false }
        // Of a megabyte of JSON in one line the beginning says enough.
        var lines = HeaderLines(Array(bytes.prefix(16_384)))
        guard let record = lines.next(), let fields = RecordFields(record.text) else { return false }
        guard let signal = lines.next() else {
            return fields.tokens.count <= 6 && !record.text.contains(",") && !record.text.contains(";")
        }
        let tokens = signal.text.split(whereSeparator: HeaderLines.isBlank)
        guard tokens.count >= 2, let format = tokens[1].first else { return false }
        return fields.segmentCount != nil
            || ((tokens[0].contains(where: \.isLetter) || tokens[0] == WFDBSignal.noFile) && format.isASCII
                && format.isNumber)
    }

    /// Whether a text begins as the header of a record of several segments does.
    static func announcesSegments(_ bytes: [UInt8]) -> Bool {
        var lines = HeaderLines(bytes)
        return lines.next().flatMap { RecordFields($0.text) }?.segmentCount != nil
    }

    /// Reads a header.
    ///
    /// Throws: ``FormatError`` naming line and field.
    package init(_ bytes: [UInt8]) throws(FormatError) {
        var lines = HeaderLines(bytes)
        guard let record = lines.next(), let fields = RecordFields(record.text) else {
            throw FormatError(
                .malformed, place: .line(1, column: nil),
                detail: "WFDB: no record line, expected record name and number of signals")
        }
        let place = FormatError.Place.line(record.number, column: nil)
        guard (1...Self.maximumSignals).contains(fields.signalCount) else {
            throw FormatError(
                fields.signalCount > 0 ? .limitExceeded : .malformed, place: place,
                detail: "WFDB: \(fields.signalCount) signals, expected 1 to \(Self.maximumSignals)")
        }
        recordName = fields.name
        samplingFrequency = try fields.samplingFrequency(place)
        sampleCount = try fields.sampleCount(place)
        localStartTime = fields.localStartTime
        if let count = fields.segmentCount {
            segments = try Self.segments(count, &lines, place)
            signals = []
            return
        }
        segments = []
        var signals: [WFDBSignal] = []
        for number in 1...fields.signalCount {
            guard let line = lines.next() else {
                throw FormatError(
                    .truncated, place: place,
                    detail: "WFDB: \(number - 1) signal lines, expected \(fields.signalCount)")
            }
            signals.append(try WFDBSignal(line))
        }
        self.signals = signals
    }

    private static func segments(
        _ count: Int, _ lines: inout HeaderLines, _ place: FormatError.Place
    ) throws(FormatError) -> [WFDBSegment] {
        guard (1...maximumSegments).contains(count) else {
            throw FormatError(
                count > 0 ? .limitExceeded : .malformed, place: place,
                detail: "WFDB: \(count) segments, expected 1 to \(maximumSegments)")
        }
        var segments: [WFDBSegment] = []
        for number in 1...count {
            guard let line = lines.next() else {
                throw FormatError(
                    .truncated, place: place, detail: "WFDB: \(number - 1) segment lines, expected \(count)")
            }
            segments.append(try WFDBSegment(line))
        }
        return segments
    }
}

/// The header file of a WFDB record (PhysioNet, WFDB Applications Guide, header(5)).
package struct WFDBHeader: Sendable, Equatable {
    package let recordName: String
    /// In hertz; nil when the record line ends before it.
    package let samplingFrequency: Double?
    /// Samples of each signal; nil when the header leaves it to the signal files.
    package let sampleCount: Int?
    /// Base time and date, "2024-02-29T23:59:59"; nil when the record line has not both.
    package let localStartTime: String?
    package let signals: [WFDBSignal]

    package static let maximumSignals = 64

    /// Names of the signal files that a header refers to, each once: what a command line must collect.
    ///
    /// Throws: ``FormatError``; names that lead out of the header's folder are refused.
    package static func signalFileNames(of bytes: [UInt8]) throws(FormatError) -> [String] {
        var names: [String] = []
        for signal in try WFDBHeader(bytes).signals where !names.contains(signal.fileName) {
            names.append(signal.fileName)
        }
        return names
    }
}

/// A signal line of a header.
package struct WFDBSignal: Sendable, Equatable {
    package let fileName: String
    package let encoding: WFDBEncoding
    /// Bytes in front of the samples.
    package let byteOffset: Int
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
}

extension WFDBHeader {
    /// Whether a text begins as a header does: a record line, then a signal line that names a file.
    static func recognises(_ bytes: [UInt8]) -> Bool {
        guard ContentKind(bytes).isText else { return false }
        var lines = HeaderLines(bytes)
        guard let record = lines.next(), let fields = RecordFields(record.text) else { return false }
        guard let signal = lines.next() else {
            return fields.tokens.count <= 6 && !record.text.contains(",") && !record.text.contains(";")
        }
        let tokens = signal.text.split(whereSeparator: HeaderLines.isBlank)
        guard tokens.count >= 2, let format = tokens[1].first else { return false }
        return fields.isMultiSegment
            || (tokens[0].contains(where: \.isLetter) && format.isASCII && format.isNumber)
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
        guard !fields.isMultiSegment else {
            throw FormatError(
                .unsupportedEncoding, place: place,
                detail: "WFDB: a record of several segments is not read; send one segment")
        }
        guard (1...Self.maximumSignals).contains(fields.signalCount) else {
            throw FormatError(
                fields.signalCount > 0 ? .limitExceeded : .malformed, place: place,
                detail: "WFDB: \(fields.signalCount) signals, expected 1 to \(Self.maximumSignals)")
        }
        recordName = fields.name
        samplingFrequency = try fields.samplingFrequency(place)
        sampleCount = try fields.sampleCount(place)
        localStartTime = fields.localStartTime
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
}

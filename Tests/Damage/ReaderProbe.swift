package import ECGFormats
private import ECG

/// Reads bytes that may be anything and says which promise of the readers was broken, if one was.
///
/// The promise: a recording that keeps its invariants, or a typed error that says something, is short and can
/// be logged as it is.
package enum ReaderProbe {
    /// The whole way of an upload: containers, recognition, reader.
    package static func violation(reading body: [UInt8]) -> String? {
        judge { options throws(FormatError) in
            let upload = try Upload(body: body, mediaType: nil, fileName: "")
            return try FormatRegistry.read(upload, options: options).recording
        }
    }

    /// One reader, whether or not it recognises what it is given; a WFDB header gets signal files of any name, and signals in
    /// FLAC get a header.
    package static func violation(reading body: [UInt8], by reader: any FormatReader.Type) -> String? {
        judge { options throws(FormatError) in
            var files = [(name: "x.hea", bytes: body)]
            if reader == WFDBReader.self, body.starts(with: "fLaC".utf8) {
                files = [("y.hea", header(ofFLAC: body)), ("x.dat", body)]
            } else if reader == WFDBReader.self {
                for name in try WFDBHeader.fileNames(of: body).prefix(4) {
                    files.append((name, signals))
                }
            }
            return try reader.read(Upload(files: files), options: options)
        }
    }

    /// A format's reader by its id.
    package static func reader(_ id: String) -> (any FormatReader.Type)? {
        FormatRegistry.readers.first { $0.format.id == id }
    }

    /// A header for as many leads as a FLAC stream has channels. Its checksums, all 0, are compared once all is decoded.
    private static func header(ofFLAC stream: [UInt8]) -> [UInt8] {
        let count = stream.count > 20 ? Int(stream[20] >> 1 & 7) + 1 : 8
        let lines = Lead.independent.prefix(count).map { "x.dat 524 1000/mV 24 0 0 0 0 \($0.rawValue)" }
        return Array((["y \(count) 500"] + lines).joined(separator: "\n").utf8)
    }

    private static let signals = (0..<4_800).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    /// What a sender may state beside a file that says nothing itself.
    private static let stated = ReadOptions(
        sampleRate: try? SampleRate(hertz: 500), unit: VoltageUnit(symbol: "uV"),
        leadOrder: Lead.allCases.map(\.rawValue))

    private static func judge(_ read: (ReadOptions) throws(FormatError) -> Recording) -> String? {
        do throws(FormatError) { return violation(of: try read(ReadOptions())) } catch {
            if let violation = violation(of: error) { return violation }
        }
        do throws(FormatError) { return violation(of: try read(stated)) } catch {
            return violation(of: error)
        }
    }

    private static func violation(of recording: Recording) -> String? {
        let samples = recording.millivolts
        if samples.count != Lead.allCases.count * recording.sampleCount { return "leads of unequal length" }
        if recording.sampleCount > Recording.maximumSamples { return "\(recording.sampleCount) samples" }
        // Written so that an infinity counts and NaN, which marks a missing sample, does not.
        if samples.contains(where: { abs($0) > Recording.maximumMillivolts }) { return "a voltage too large" }
        let rate = recording.sampleRate.hertz
        return rate > 0 && rate.isFinite ? nil : "a sample rate of \(rate)"
    }

    private static func violation(of error: FormatError) -> String? {
        if error.detail.count <= 10 { return "an error that says only '\(error.detail)'" }
        if error.message.utf8.count >= 600 { return "an error of \(error.message.utf8.count) bytes" }
        let isControl: (Unicode.Scalar) -> Bool = { $0.properties.generalCategory == .control }
        return error.message.unicodeScalars.contains(where: isControl)
            ? "a control character in an error" : nil
    }
}

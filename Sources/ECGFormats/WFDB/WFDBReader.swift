package import ECG

/// Reads a WFDB record: one header and the signal files that it names.
package enum WFDBReader: FormatReader {
    package static let format = ECGFormat(
        id: "wfdb", name: "WFDB", mediaTypes: ["application/x-wfdb"], fileExtensions: ["hea", "dat"])

    package static func recognises(_ upload: Upload) -> Bool {
        upload.parts.contains { WFDBHeader.recognises($0.bytes) }
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        let headers = upload.parts.filter { WFDBHeader.recognises($0.bytes) }
        guard headers.count <= 1 else {
            throw FormatError(.ambiguousUpload, detail: "\(headers.count) WFDB headers, expected one record")
        }
        guard let part = headers.first else {
            throw FormatError(.missingPart, detail: "no WFDB header among the files")
        }
        do throws(FormatError) {
            let header = try WFDBHeader(part.bytes)
            let sampleRate = try sampleRate(of: header, options)
            // Units before samples: the remedy is the sender's and needs no data.
            let units = try header.signals.map { signal throws(FormatError) in try unit(of: signal, options) }
            let samples = try WFDBSamples(header, files: upload.parts)
            var signals: [(name: String, millivolts: [Float])] = []
            for (index, signal) in header.signals.enumerated() {
                signals.append(
                    (signal.description, signal.millivolts(samples.values[index], unit: units[index])))
            }
            var recording = try FormatError.building(nil) { () throws(RecordingError) in
                try Recording(signals: signals, sampleRate: sampleRate)
            }
            recording.localStartTime = header.localStartTime
            return recording
        } catch { throw error.of(part: part.name) }
    }

    private static func sampleRate(
        of header: WFDBHeader, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        guard let hertz = header.samplingFrequency else {
            if let stated = options.sampleRate { return stated }
            throw FormatError(
                .sampleRateMissing, place: .field("sampling frequency"),
                detail: "WFDB: the record line has no sampling frequency; state the sample rate")
        }
        let rate: SampleRate
        do { rate = try SampleRate(hertz: hertz) } catch {
            throw FormatError(error, place: .field("sampling frequency"))
        }
        return try StatedValues.agree(onRate: rate, stated: options.sampleRate)
    }

    /// header(5): a gain of 0 or none marks an uncalibrated signal, and units that are absent are millivolts.
    private static func unit(
        of signal: WFDBSignal, _ options: ReadOptions
    ) throws(FormatError) -> VoltageUnit {
        let place = FormatError.Place.line(signal.line, column: nil)
        guard let gain = signal.gain, gain != 0 else {
            throw FormatError(
                .unitMissing, place: place,
                detail: "WFDB: no gain, the signal is not calibrated; send a record with gain and units")
        }
        let symbol = signal.units ?? VoltageUnit.millivolts.rawValue
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw FormatError(
                .unitUnknown, place: place, detail: "WFDB: units '\(token(symbol))', expected V, mV, uV or nV"
            )
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: place)
    }
}

extension WFDBSignal {
    /// (sample - baseline) / gain in double precision, rounded once; missing samples become NaN.
    fileprivate func millivolts(_ samples: [Int32], unit: VoltageUnit) -> [Float] {
        let missing = encoding.missing
        let divisor = gain ?? 1
        let perMillivolt = unit.unitsPerMillivolt
        return samples.map { sample in
            sample == missing ? .nan : Float(Double(Int(sample) - baseline) / divisor / perMillivolt)
        }
    }
}

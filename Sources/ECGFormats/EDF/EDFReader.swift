package import ECG

/// Reads EDF, EDF+ and BDF: 16 or 24 bits a sample, little endian, signal after signal in each data record.
package enum EDFReader: FormatReader {
    package static let format = ECGFormat(
        id: "edf", name: "EDF/BDF", mediaTypes: ["application/edf", "application/bdf"],
        fileExtensions: ["edf", "bdf", "rec"])

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return EDFHeader.recognises(part.bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(BinaryView(bytes[...], format: "EDF"), options)
        }
    }

    private static func recording(_ view: BinaryView, _ options: ReadOptions) throws(FormatError) -> Recording
    {
        let header = try EDFHeader(view)
        let records = try recordCount(header, view)
        let leads = header.signals.indices.filter { header.signals[$0].lead != nil }
        guard let first = leads.first else {
            throw FormatError(.missingLeads(Lead.independent), place: .byteOffset(256))
        }
        let perRecord = header.signals[first].samplesPerRecord
        var rate: SampleRate
        do { rate = try SampleRate(hertz: Double(perRecord) / header.recordSeconds) } catch {
            throw FormatError(error, place: .byteOffset(244))
        }
        rate = try StatedValues.agree(onRate: rate, stated: options.sampleRate)
        guard records <= Recording.maximumSamples / max(1, perRecord) else {
            throw view.refusal(
                .limitExceeded, at: 236,
                "\(records) records of \(perRecord) samples, at most \(Recording.maximumSamples) are read")
        }
        var signals: [(name: String, millivolts: [Float])] = []
        for index in leads {
            let signal = header.signals[index]
            // Another rate is another number of samples, which is refused with the lead's name.
            guard records <= Recording.maximumSamples / max(1, signal.samplesPerRecord) else {
                throw view.refusal(.limitExceeded, at: 256, "too many samples in '\(token(signal.label))'")
            }
            let unit = try unit(of: signal, options)
            signals.append(
                (signal.lead ?? "", try millivolts(of: index, header, view, records: records, unit: unit)))
        }
        var recording = try FormatError.building(.byteOffset(256)) { () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate, filters: filters(header.signals[first]),
                remarks: remarks(header))
        }
        recording.localStartTime = header.localStartTime
        return recording
    }

    /// Data records that the header claims, which must all be there; without a claim those that are there.
    private static func recordCount(_ header: EDFHeader, _ view: BinaryView) throws(FormatError) -> Int {
        let size = header.samplesPerRecord * header.bytesPerSample
        guard size > 0 else { throw view.malformed(at: 252, "the data records are empty") }
        let available = (view.count - header.dataOffset) / size
        let claimed = header.recordCount ?? available
        guard claimed > 0, claimed <= available else {
            throw view.refusal(
                .truncated, at: view.count,
                "\(available) data records of \(size) bytes, \(claimed) are claimed")
        }
        guard !header.isDiscontinuous || claimed == 1 else {
            throw view.refusal(
                .unsupportedEncoding, at: 192, "records with gaps between them (EDF+D) are not read")
        }
        return claimed
    }

    private static func unit(of signal: EDFSignal, _ options: ReadOptions) throws(FormatError) -> VoltageUnit
    {
        let place = FormatError.Place.byteOffset(signal.dimensionOffset)
        guard !signal.dimension.isEmpty else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing, place: place,
                detail: "EDF: '\(token(signal.label))' has no dimension; state the units with the request")
        }
        guard let unit = VoltageUnit(symbol: signal.dimension) else {
            throw FormatError(
                .unitUnknown, place: place,
                detail:
                    "EDF: '\(token(signal.label))' is in \(word(signal.dimension)), expected V, mV, uV or nV"
            )
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: place)
    }

    private static func millivolts(
        of index: Int, _ header: EDFHeader, _ view: BinaryView, records: Int, unit: VoltageUnit
    ) throws(FormatError) -> [Float] {
        let signal = header.signals[index]
        let width = header.bytesPerSample
        let before = header.signals[..<index].reduce(0) { $0 + $1.samplesPerRecord }
        var samples: [Float] = []
        samples.reserveCapacity(records * signal.samplesPerRecord)
        for record in 0..<records {
            let start = header.dataOffset + (record * header.samplesPerRecord + before) * width
            let run = try view.run(at: start, count: signal.samplesPerRecord * width, for: "samples")
            var at = run.startIndex
            while at < run.endIndex {
                let high = Int(Int8(bitPattern: run[at + width - 1]))
                let low = width == 3 ? Int(run[at]) | Int(run[at + 1]) << 8 : Int(run[at])
                let digit = high << (8 * (width - 1)) | low
                samples.append(Float(signal.value(digit) / unit.unitsPerMillivolt))
                at += width
            }
        }
        return samples
    }

    /// "HP:0.05Hz LP:150Hz N:50Hz" (edfplus.info, section 2.1.3.8).
    private static func filters(_ signal: EDFSignal) -> AppliedFilters? {
        let value = { (key: String) -> Double? in
            let words = signal.prefilter.uppercased().split(separator: " ")
            guard let word = words.first(where: { $0.hasPrefix(key + ":") }) else { return nil }
            let digits = word.dropFirst(key.count + 1).prefix { $0.isNumber || $0 == "." }
            return Double(digits).flatMap { $0 > 0 ? $0 : nil }
        }
        return AppliedFilters(
            highPassHertz: value("HP"), lowPassHertz: value("LP"), notchHertz: value("N")
        ).ifKnown
    }

    private static func remarks(_ header: EDFHeader) -> [String] {
        let others = header.signals.filter { $0.lead == nil && !$0.isAnnotations }.map { token($0.label) }
        guard !others.isEmpty else { return [] }
        return ["left out signals that are no leads: \(others.prefix(8).joined(separator: ", "))"]
    }
}

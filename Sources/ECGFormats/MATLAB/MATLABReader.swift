package import ECG

/// Reads samples out of a MATLAB file of level 4 or 5 (``MATLABFile``): one matrix of leads by samples or samples by leads,
/// or a vector for each lead.
///
/// Seen in: PhysioNet challenges (`val`, with a WFDB header beside it, whose reader then has it), CPSC 2018 (`ECG.data`),
/// CODE (samples by leads). Rate, unit and leads come from variables named after them, else from the sender.
package enum MATLABReader: FormatReader {
    package static let takesLeadOrder = true

    package static let format = ECGFormat(
        id: "matlab", name: "MATLAB", mediaTypes: ["application/x-matlab-data"], fileExtensions: ["mat"])

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let bytes = upload.parts.first?.bytes else { return false }
        return MATLABFile.level(of: bytes) != nil
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(MATLABChoice(MATLABFile(bytes)), options)
        }
    }

    private static func recording(
        _ choice: MATLABChoice, _ options: ReadOptions
    ) throws(FormatError) -> Recording {
        guard choice.samples != nil || !choice.vectors.isEmpty else {
            if let several = choice.severalECGs {
                throw FormatError(
                    .ambiguousUpload, detail: "MATLAB: an array of \(several) ECGs, expected one")
            }
            throw FormatError(
                .recording,
                detail: "MATLAB: no matrix of 8 leads or more, and no vectors named I, II, V1, ...",
                recording: .missingLeads(Lead.independent))
        }
        let rate = try sampleRate(choice, options)
        let perMillivolt = try unit(choice, options).unitsPerMillivolt
        let place = FormatError.Place.field(choice.samples?.path ?? "I, II, ...")
        let storage: RecordingStorage
        if let samples = choice.samples {
            let names = try leadNames(samples, choice, options)
            try samples.matrix.checkLength(samples.count)
            storage = try .filled(names, sampleCount: samples.count, place: place) {
                .millivolts(samples.millivolts(of: $0, perMillivolt))
            }
        } else {
            for vector in choice.vectors { try vector.matrix.checkLength(vector.matrix.count) }
            let reference = choice.vectors.first { LeadLabel($0.name) == .standard(.I) }
            storage = try .filled(
                choice.vectors.map(\.name), sampleCount: reference?.matrix.count ?? 0, place: place
            ) { .millivolts(choice.vectors[$0].matrix.millivolts(perMillivolt)) }
        }
        return try FormatError.building(place) { () throws(RecordingError) in
            try Recording(storage, sampleRate: rate)
        }
    }

    private static func sampleRate(
        _ choice: MATLABChoice, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        if let hertz = choice.hertz {
            return try Signals.rate(hertz: hertz.value, place: .field(hertz.path), options: options)
        }
        if let stated = options.sampleRate { return stated }
        throw FormatError(
            .sampleRateMissing,
            detail: "MATLAB: no variable 'fs': add it, or state the sample rate with the request")
    }

    private static func unit(
        _ choice: MATLABChoice, _ options: ReadOptions
    ) throws(FormatError) -> VoltageUnit {
        guard let found = choice.unit else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing,
                detail: "MATLAB: no variable 'units': add it, or state the units with the request")
        }
        guard let unit = VoltageUnit(symbol: found.symbol) else {
            throw FormatError(
                .unitUnknown, place: .field(found.path),
                detail: "MATLAB: units \(word(found.symbol)), expected V, mV, uV or nV")
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: .field(found.path))
    }

    private static func leadNames(
        _ samples: MATLABChoice.Samples, _ choice: MATLABChoice, _ options: ReadOptions
    ) throws(FormatError) -> [String] {
        try StatedValues.leads(
            choice.leadNames, stated: options.leadOrder, count: samples.leads, place: .field(samples.path),
            missing:
                "\(samples.leads) leads without names: state their order with the request, or add a variable 'leads'"
        )
    }
}

extension MATLABChoice.Samples {
    /// One lead; NaN stays NaN.
    fileprivate func millivolts(of lead: Int, _ perMillivolt: Double) -> [Float] {
        let (start, step) = leadsAreRows ? (lead, leads) : (lead * count, 1)
        return (0..<count).map { Float(matrix.value(at: start + $0 * step) / perMillivolt) }
    }
}

extension MATLABMatrix {
    /// All numbers in turn.
    fileprivate func millivolts(_ perMillivolt: Double) -> [Float] {
        (0..<count).map { Float(value(at: $0) / perMillivolt) }
    }

    /// Throws: ``FormatError`` `limit-exceeded` for more samples a lead than are read.
    fileprivate func checkLength(_ samples: Int) throws(FormatError) {
        guard samples <= Recording.maximumSamples else {
            throw data.refusal(
                .limitExceeded, at: 0,
                "\(samples) samples a lead, at most \(Recording.maximumSamples) are read")
        }
    }
}

package import ECG

/// Reads an MFER file: ``MFERFile`` has the layout.
///
/// Voltage = (sample + offset) x resolution. A frame of dominant beats (waveform kind 9) is left out.
package enum MFERReader: FormatReader {
    package static let format = ECGFormat(
        id: "mfer", name: "MFER", mediaTypes: ["application/x-mfer"], fileExtensions: ["mwf", "mfr"])

    private static let dominantBeat = 9

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return MFERFile.recognises(part.bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(BinaryView(bytes[...], format: "MFER"), options)
        }
    }

    private static func recording(_ view: BinaryView, _ options: ReadOptions) throws(FormatError) -> Recording
    {
        let file = try MFERFile(view)
        let rhythms = file.frames.filter { frame in
            !frame.channels.contains { $0.kind == dominantBeat }
        }
        guard let frame = rhythms.max(by: { $0.data.count < $1.data.count }) else {
            throw view.refusal(
                file.frames.isEmpty ? .truncated : .unsupportedEncoding, at: view.count,
                "no samples of a rhythm")
        }
        let rate = try sampleRate(frame, options)
        let (signals, others) = try signals(frame, options)
        var remarks: [String] = []
        if file.frames.count > 1 {
            remarks.append(
                "took the longest rhythm, left out \(file.frames.count - 1) other run(s) of samples")
        }
        if !others.isEmpty {
            remarks.append("left out channels that are no leads: codes \(others.joined(separator: ", "))")
        }
        var recording = try FormatError.building(.byteOffset(frame.data.origin)) {
            () throws(RecordingError) in
            try Recording(
                signals: signals, sampleRate: rate, device: file.device.map { Device(manufacturer: $0) },
                filters: filters(file.filters), remarks: remarks)
        }
        recording.localStartTime = file.localStartTime
        return recording
    }

    /// One rate for all leads, as interval (unit 1: seconds) or frequency (unit 0: hertz).
    private static func sampleRate(
        _ frame: MFERFile.Frame, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        var rates: Set<Double> = []
        for channel in frame.channels where channel.lead.flatMap(LeadCode.name) != nil {
            guard let interval = channel.interval else {
                if let stated = options.sampleRate {
                    rates.insert(stated.hertz)
                    continue
                }
                throw frame.data.refusal(
                    .sampleRateMissing, at: 0, "a lead without sampling interval; its default is not trusted")
            }
            guard interval.value > 0, interval.unit <= 1 else {
                throw interval.place.malformed(
                    at: 0, "a sampling interval of \(interval.value) in unit \(interval.unit)")
            }
            rates.insert(interval.unit == 0 ? interval.value : 1 / interval.value)
        }
        guard let hertz = rates.first, rates.count == 1 else {
            throw FormatError(
                rates.isEmpty ? .missingLeads(Lead.independent) : .sampleRate(hertz: 0),
                place: .byteOffset(frame.data.origin))
        }
        return try Signals.rate(hertz: hertz, place: .byteOffset(frame.data.origin), options: options)
    }

    private struct Layout {
        let blocks: Int
        let bytes: Int
        /// First byte of each channel within a block.
        let starts: [Int]
        let lengths: [Int]
        let types: [(width: Int, isSigned: Bool)]
    }

    private static func layout(_ frame: MFERFile.Frame) throws(FormatError) -> Layout {
        var starts: [Int] = []
        var lengths: [Int] = []
        var types: [(width: Int, isSigned: Bool)] = []
        var bytes = 0
        for channel in frame.channels {
            guard let type = MFERChannel.integerTypes[channel.dataType ?? 0] else {
                throw frame.data.refusal(
                    .unsupportedEncoding, at: 0,
                    "samples of type \(channel.dataType ?? 0) are not read, expected whole numbers")
            }
            let length = channel.blockLength ?? 1
            guard length <= Recording.maximumSamples else {
                throw frame.data.refusal(.limitExceeded, at: 0, "blocks of \(length) samples")
            }
            starts.append(bytes)
            lengths.append(length)
            types.append(type)
            bytes += length * type.width
        }
        guard bytes > 0 else { throw frame.data.malformed(at: 0, "the blocks are empty") }
        let available = frame.data.count / bytes
        let blocks = frame.blocks ?? available
        guard blocks > 0, blocks <= available else {
            throw frame.data.refusal(
                .truncated, at: frame.data.count,
                "\(available) blocks of \(bytes) bytes, \(blocks) are claimed")
        }
        return Layout(blocks: blocks, bytes: bytes, starts: starts, lengths: lengths, types: types)
    }

    private static func signals(
        _ frame: MFERFile.Frame, _ options: ReadOptions
    ) throws(FormatError) -> (signals: [(name: String, millivolts: [Float])], others: [String]) {
        let layout = try layout(frame)
        var signals: [(name: String, millivolts: [Float])] = []
        var others: [String] = []
        for (index, channel) in frame.channels.enumerated() {
            guard let lead = channel.lead.flatMap(LeadCode.name) else {
                others.append(channel.lead.map { "\($0)" } ?? "none")
                continue
            }
            guard layout.blocks <= Recording.maximumSamples / max(1, layout.lengths[index]) else {
                throw frame.data.refusal(
                    .limitExceeded, at: 0, "more than \(Recording.maximumSamples) samples a lead")
            }
            let volts = try resolution(of: channel, frame, options)
            signals.append((lead, try millivolts(of: index, channel, frame, layout, volts: volts)))
        }
        return (signals, others)
    }

    /// Volts of a count; of a lead that does not say, a count of the unit that the client states.
    private static func resolution(
        of channel: MFERChannel, _ frame: MFERFile.Frame, _ options: ReadOptions
    ) throws(FormatError) -> Double {
        guard let resolution = channel.resolution else {
            if let stated = options.unit { return 1 / (1_000 * stated.unitsPerMillivolt) }
            throw frame.data.refusal(
                .unitMissing, at: 0, "a lead without resolution: its samples are no voltages")
        }
        guard resolution.unit == 0 else {
            throw resolution.place.refusal(
                .unitUnknown, at: 0, "a lead in unit \(resolution.unit), expected 0 (volts)")
        }
        guard resolution.value != 0, resolution.value.isFinite else {
            throw resolution.place.malformed(at: 0, "a resolution of \(resolution.value) V")
        }
        _ = try StatedValues.agree(onUnit: .volts, stated: options.unit, place: nil)
        return resolution.value
    }

    private static func millivolts(
        of index: Int, _ channel: MFERChannel, _ frame: MFERFile.Frame, _ layout: Layout, volts: Double
    ) throws(FormatError) -> [Float] {
        let type = layout.types[index]
        let base = Double(channel.offset ?? 0)
        var samples: [Float] = []
        samples.reserveCapacity(layout.blocks * layout.lengths[index])
        for block in 0..<layout.blocks {
            let start = block * layout.bytes + layout.starts[index]
            for sample in 0..<layout.lengths[index] {
                let value = try frame.data.integer(
                    at: start + sample * type.width, width: type.width, isSigned: type.isSigned,
                    frame.order, for: "a sample")
                let isMissing = channel.missing.map { $0 == value } ?? false
                samples.append(
                    isMissing ? .nan : Float((Double(value) + base) * volts * 1_000))
            }
        }
        return samples
    }

    /// "HPF=0.05", "LPF=150", "BEF=50^hum".
    private static func filters(_ texts: [String]) -> AppliedFilters? {
        var filters = AppliedFilters()
        for text in texts {
            let halves = text.uppercased().split(separator: "=", maxSplits: 1)
            guard halves.count == 2, let hertz = Double(halves[1].prefix { $0.isNumber || $0 == "." }),
                hertz > 0
            else { continue }
            switch halves[0] {
            case "HPF": filters.highPassHertz = hertz
            case "LPF": filters.lowPassHertz = hertz
            case "BEF": filters.notchHertz = hertz
            default: break
            }
        }
        return filters.ifKnown
    }
}

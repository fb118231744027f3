import Bytes
import ECG

/// A multiplex group of channels (PS3.3 section C.10.9): samples of all channels in turn, at one rate.
struct DICOMWaveform {
    let label: String?
    /// Whether the samples were measured; averages are DERIVED.
    let isOriginal: Bool
    let sampleRate: Double
    let timeOffset: Double
    let sampleCount: Int
    let channels: [DICOMChannel]
    /// Interleaved.
    let data: BinaryView
    let interpretation: SampleInterpretation
    let order: BinaryView.ByteOrder
    let padding: Int64?

    /// Names of the leads among the channels.
    var leads: [String] { channels.compactMap(\.lead) }

    /// Throws: ``FormatError``.
    init(_ set: DICOMDataSet, place: BinaryView) throws(FormatError) {
        let required = { (tag: DICOMTag, name: String) throws(FormatError) -> DICOMElement in
            guard let element = set[tag] else {
                throw place.malformed(at: 0, "a group without \(name) \(tag)")
            }
            return element
        }
        label = set[DICOMTag(0x003A, 0x0020)]?.text
        isOriginal = set[DICOMTag(0x003A, 0x0004)]?.text?.uppercased() != "DERIVED"
        timeOffset = try set[DICOMTag(0x0018, 0x1068)]?.decimal("Multiplex Group Time Offset") ?? 0
        let frequency = try required(DICOMTag(0x003A, 0x001A), "Sampling Frequency")
        guard let rate = try frequency.decimal("Sampling Frequency") else {
            throw frequency.value.malformed(at: 0, "Sampling Frequency is empty")
        }
        sampleRate = rate
        let counted = try required(DICOMTag(0x003A, 0x0005), "Number of Waveform Channels")
        let channelCount = try counted.unsigned("Number of Waveform Channels")
        let sampled = try required(DICOMTag(0x003A, 0x0010), "Number of Waveform Samples")
        sampleCount = try sampled.unsigned("Number of Waveform Samples")
        let definitions = try required(.channelDefinitionSequence, "Channel Definition Sequence")
        guard channelCount == definitions.items.count, channelCount > 0 else {
            throw counted.value.malformed(
                at: 0, "\(channelCount) channels are claimed, \(definitions.items.count) are defined")
        }
        let content = try required(DICOMTag(0x5400, 0x1010), "Waveform Data")
        (interpretation, order) = (try SampleInterpretation(set, place: content.value), content.order)
        let needed = sampleCount.multipliedReportingOverflow(by: channelCount * interpretation.width)
        guard !needed.overflow, needed.partialValue <= content.value.count else {
            throw content.value.refusal(
                .truncated, at: 0,
                "\(content.value.count) bytes of samples, \(sampleCount) of \(channelCount) channels are claimed"
            )
        }
        guard sampleCount <= Recording.maximumSamples else {
            throw sampled.value.refusal(
                .limitExceeded, at: 0,
                "\(sampleCount) samples a channel, at most \(Recording.maximumSamples) are read")
        }
        data = content.value
        padding = try Self.padding(set, interpretation)
        var channels: [DICOMChannel] = []
        for item in definitions.items { channels.append(try DICOMChannel(item, place: definitions.value)) }
        self.channels = channels
    }

    /// The value of absent samples. Writers that have none say 0, which is a voltage: it marks nothing.
    private static func padding(
        _ set: DICOMDataSet, _ interpretation: SampleInterpretation
    ) throws(FormatError) -> Int64? {
        guard let element = set[DICOMTag(0x5400, 0x100A)], element.value.count >= interpretation.width else {
            return nil
        }
        let value = try element.value.integer(
            at: 0, width: interpretation.width, isSigned: interpretation.isSigned, element.order,
            for: "Waveform Padding Value")
        return value == 0 ? nil : value
    }

    /// Samples of a channel; missing where the file has padding, or nothing because of the skew.
    func samples(of index: Int, unit stated: VoltageUnit?) throws(FormatError) -> LeadSamples {
        let scale = try channels[index].scale(stated: stated)
        guard interpretation.width <= 2 else {
            return .millivolts(try values(of: index, missing: .nan) { scale.millivolts(Int($0)) })
        }
        let counts = try values(of: index, missing: DICOMChannel.missing) { Int32(truncatingIfNeeded: $0) }
        return .counts(PackedIntegers(counts), scale)
    }

    /// Of each sample of a channel what `convert` makes of it, and `missing` where there is none.
    private func values<Value>(
        of index: Int, missing: Value, _ convert: (Int64) -> Value
    ) throws(FormatError) -> [Value] {
        let width = interpretation.width
        var values = [Value](repeating: missing, count: sampleCount)
        let shift = channels[index].shift(at: sampleRate)
        guard shift.magnitude < Double(sampleCount) else {
            throw data.malformed(at: 0, "a channel is skewed by \(shift) samples")
        }
        for sample in 0..<sampleCount {
            let target = sample + Int(shift)
            guard values.indices.contains(target) else { continue }
            let value = try data.integer(
                at: (sample * channels.count + index) * width, width: width,
                isSigned: interpretation.isSigned, order, for: "a sample")
            if value != padding { values[target] = convert(value) }
        }
        return values
    }
}

/// How a sample is stored (PS3.3 section C.10.9.1.5).
struct SampleInterpretation {
    let width: Int
    let isSigned: Bool

    /// Throws: ``FormatError`` for companded samples (MB, AB), and when the bits allocated contradict.
    init(_ set: DICOMDataSet, place: BinaryView) throws(FormatError) {
        let code = set[DICOMTag(0x5400, 0x1006)]?.text ?? ""
        switch code {
        case "SB": (width, isSigned) = (1, true)
        case "UB": (width, isSigned) = (1, false)
        case "SS": (width, isSigned) = (2, true)
        case "US": (width, isSigned) = (2, false)
        case "SL": (width, isSigned) = (4, true)
        case "UL": (width, isSigned) = (4, false)
        default:
            throw place.refusal(
                .unsupportedEncoding, at: 0,
                "samples of type '\(token(code))' are not read, expected SB, UB, SS, US, SL or UL")
        }
        guard let allocated = set[DICOMTag(0x5400, 0x1004)] else { return }
        let bits = try allocated.unsigned("Waveform Bits Allocated")
        guard bits == 8 * width else {
            throw allocated.value.malformed(at: 0, "\(bits) bits are allocated for samples of type \(code)")
        }
    }
}

package import ECG

/// Reads a DICOM waveform object: 12-lead, general, ambulatory or haemodynamic (PS3.3 annex A.34).
///
///     file        preamble 128, "DICM", group 0002, data set                  PS3.10 section 7.1
///     data set    ... (5400,0100) Waveform Sequence: multiplex groups         PS3.3 section C.10.9
///     group       (003A,0005) channels, (003A,0010) samples, (003A,001A) Hz, (5400,1006) sample type,
///                 (003A,0200) channel definitions, (5400,1010) samples, all channels in turn
///     channel     (003A,0208) lead, (003A,0210) sensitivity, (0211) its units, (0212) correction, (0213) baseline
package enum DICOMReader: FormatReader {
    package static let format = ECGFormat(
        id: "dicom", name: "DICOM", mediaTypes: ["application/dicom"], fileExtensions: ["dcm"])

    private static let maximumGroups = 32

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return DICOMFile.recognises(part.bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(DICOMFile(bytes).dataSet, options)
        }
    }

    private static func recording(
        _ set: DICOMDataSet, _ options: ReadOptions
    ) throws(FormatError) -> Recording {
        guard let sequence = set[.waveformSequence], !sequence.items.isEmpty else {
            throw FormatError(
                .unsupportedEncoding, place: .field("(5400,0100)"),
                detail:
                    "DICOM: the object holds no waveform; the samples are needed, not a report or a picture"
            )
        }
        guard sequence.items.count <= maximumGroups else {
            throw sequence.value.refusal(
                .limitExceeded, at: 0, "\(sequence.items.count) groups, at most \(maximumGroups) are read")
        }
        var groups: [DICOMWaveform] = []
        for item in sequence.items { groups.append(try DICOMWaveform(item, place: sequence.value)) }
        let choice = DICOMChoice(groups)
        guard let reference = choice.groups.first else {
            throw FormatError(RecordingError.missingLeads(Lead.independent), place: .field("(5400,0100)"))
        }
        let storage = try samples(choice.groups, options)
        let rate: SampleRate
        do { rate = try SampleRate(hertz: reference.sampleRate) } catch {
            throw FormatError(error, place: .field("(003A,001A)"))
        }
        let agreed = try StatedValues.agree(onRate: rate, stated: options.sampleRate)
        let start = startTime(set)
        var recording = try FormatError.building(.field("(5400,0100)")) { () throws(RecordingError) in
            try Recording(
                storage, sampleRate: agreed, startTime: start.utc, device: device(set),
                filters: reference.channels.first { $0.lead != nil }?.filters.ifKnown, remarks: choice.remarks
            )
        }
        recording.localStartTime = start.local
        return recording
    }

    private static func samples(
        _ groups: [DICOMWaveform], _ options: ReadOptions
    ) throws(FormatError) -> RecordingStorage {
        // What not all leads cover because of their skew, none has.
        let shifts = groups.flatMap { group in
            group.channels.filter { $0.lead != nil }.map {
                Int(min(1e9, max(-1e9, $0.shift(at: group.sampleRate))))
            }
        }
        let (late, early) = (max(0, shifts.max() ?? 0), max(0, -(shifts.min() ?? 0)))
        var leads: [(name: String, group: DICOMWaveform, channel: Int)] = []
        for group in groups {
            for (index, channel) in group.channels.enumerated() {
                guard let lead = channel.lead else { continue }
                if let unit = channel.unit {
                    _ = try StatedValues.agree(
                        onUnit: unit, stated: options.unit, place: .field("(003A,0211)"))
                }
                _ = try channel.scale(stated: options.unit)
                leads.append((lead, group, index))
            }
        }
        let reference = leads.first { LeadLabel($0.name) == .standard(.I) }?.group.sampleCount ?? 0
        return try RecordingStorage.filled(
            leads.map(\.name), sampleCount: max(0, reference - late - early), place: .field("(5400,0100)")
        ) { signal throws(FormatError) in
            let (_, group, channel) = leads[signal]
            let samples = try group.samples(of: channel, unit: options.unit)
            return late + early == 0
                ? samples : samples.part(from: late, count: max(0, samples.count - late - early))
        }
    }

    private static func device(_ set: DICOMDataSet) -> Device? {
        let text = { (element: UInt16, group: UInt16) in
            set[DICOMTag(group, element)]?.text.map { String($0.prefix(100)) }
        }
        let device = Device(
            manufacturer: text(0x0070, 0x0008), model: text(0x1090, 0x0008),
            softwareVersion: text(0x1020, 0x0018))
        return device == Device() ? nil : device
    }

    /// Acquisition DateTime, with the offset it ends in or that of (0008,0201): "20240229235959.5+0100". Without an offset
    /// it is the device's clock; without (0008,002A) date and time of acquisition, content or study are taken.
    private static func startTime(_ set: DICOMDataSet) -> (utc: String?, local: String?) {
        let text = { (element: UInt16) in set[DICOMTag(0x0008, element)]?.text }
        let pairs: [(UInt16, UInt16)] = [(0x0022, 0x0032), (0x0023, 0x0033), (0x0020, 0x0030)]
        let joined = pairs.lazy.compactMap { date, time in
            text(date).flatMap { day in text(time).map { day + $0 } }
        }
        guard let found = text(0x002A) ?? joined.first else { return (nil, nil) }
        let zone = found.firstIndex { $0 == "+" || $0 == "-" }
        let local = found[..<(zone ?? found.endIndex)]
        let offset = zone.map { String(found[$0...]) } ?? text(0x0201) ?? ""
        // What de-identified objects have where a value must be.
        guard !local.hasPrefix(DICOMWriter.unknownTime.prefix(8)),
            let clock = LocalTime.compact(String(local))
        else { return (nil, nil) }
        guard offset.count == 5 else { return (nil, clock) }
        let fraction = local.dropFirst(14)
        return (Timestamp("\(clock)\(fraction)\(offset.prefix(3)):\(offset.suffix(2))")?.utc, nil)
    }
}

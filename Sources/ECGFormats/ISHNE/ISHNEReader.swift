private import Bytes
package import ECG

/// Reads an ISHNE Holter file (Badilini, Ann Noninvasive Electrocardiol 1998;3:263), all little endian.
///
///       0  8  "ISHNE1.0"              138  6   day, month, year       150  6  hour, minute, second
///       8  2  CRC of the header       156  2   leads                  272  2  samples a second
///                                     158  24  code of each lead      522  .  comment
///      10  4  bytes of the comment    182  24  quality of each lead   then i16 samples, all leads in turn;
///      14  4  samples of a lead       206  24  nV of one unit         -32768: the lead failed
///      22  4  offset of the samples   232  40  recorder
package enum ISHNEReader: FormatReader {
    package static let format = ECGFormat(
        id: "ishne", name: "ISHNE", mediaTypes: ["application/x-ishne"], fileExtensions: ["ecg"])

    private static let magic = Array("ISHNE1.0".utf8)
    private static let fixedBytes = 522
    private static let maximumLeads = 12

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return part.bytes.starts(with: magic)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(BinaryView(bytes[...], format: "ISHNE"), options)
        }
    }

    private static func recording(_ view: BinaryView, _ options: ReadOptions) throws(FormatError) -> Recording
    {
        guard view.bytes.starts(with: magic) else { throw view.malformed(at: 0, "no 'ISHNE1.0'") }
        let leads = try leads(view, options)
        let hertz = try view.integer(at: 272, as: Int16.self, .little, for: "sampling rate")
        var rate: SampleRate
        do { rate = try SampleRate(hertz: Double(hertz)) } catch {
            throw FormatError(error, place: .byteOffset(272))
        }
        rate = try StatedValues.agree(onRate: rate, stated: options.sampleRate)
        let (data, damaged) = try samples(view, leads: leads.count)
        let columns = data.interleaved16(columns: leads.count, .little)
        var signals: [(name: String, samples: LeadSamples)] = []
        var remarks = damaged ? ["the CRC of the header is wrong"] : []
        for (lead, column) in zip(leads, columns) {
            guard let name = lead.name else {
                remarks.append("left out a lead of code \(lead.code)")
                continue
            }
            let scale = CountScale(step: lead.nanovolts, unit: .nanovolts, missing: Int32(Int16.min))
            signals.append((name, .counts(PackedIntegers(column.map(Int32.init)), scale)))
        }
        let device = try device(view)
        var recording = try FormatError.building(.byteOffset(158)) { () throws(RecordingError) in
            try Recording(named: signals, sampleRate: rate, device: device, remarks: remarks)
        }
        recording.localStartTime = try localStartTime(view)
        return recording
    }

    private struct ISHNELead {
        let code: Int
        let nanovolts: Double

        /// Table 1 of the paper.
        var name: String? {
            switch code {
            case 2...4: ["X", "Y", "Z"][code - 2]
            case 5...7: ["I", "II", "III"][code - 5]
            case 8...10: ["aVR", "aVL", "aVF"][code - 8]
            case 11...16: "V\(code - 10)"
            default: nil
            }
        }
    }

    private static func leads(_ view: BinaryView, _ options: ReadOptions) throws(FormatError) -> [ISHNELead] {
        let count = Int(try view.integer(at: 156, as: Int16.self, .little, for: "number of leads"))
        guard (1...maximumLeads).contains(count) else {
            throw view.malformed(at: 156, "\(count) leads, expected 1 to \(maximumLeads)")
        }
        var leads: [ISHNELead] = []
        for index in 0..<count {
            let code = try view.integer(at: 158 + 2 * index, as: Int16.self, .little, for: "a lead")
            let scale = try view.integer(at: 206 + 2 * index, as: Int16.self, .little, for: "a resolution")
            guard scale > 0 else {
                guard let stated = options.unit else {
                    throw view.refusal(
                        .unitMissing, at: 206 + 2 * index, "lead \(index + 1) has a resolution of \(scale) nV"
                    )
                }
                let nanovolts = VoltageUnit.nanovolts.unitsPerMillivolt / stated.unitsPerMillivolt
                leads.append(ISHNELead(code: Int(code), nanovolts: nanovolts))
                continue
            }
            _ = try StatedValues.agree(onUnit: .nanovolts, stated: options.unit, place: .byteOffset(206))
            leads.append(ISHNELead(code: Int(code), nanovolts: Double(scale)))
        }
        return leads
    }

    /// All samples that are there, which are those that the header counts, in one lead or in all together.
    private static func samples(
        _ view: BinaryView, leads: Int
    ) throws(FormatError) -> (data: BinaryView, isDamaged: Bool) {
        let comment = Int(try view.integer(at: 10, as: Int32.self, .little, for: "bytes of the comment"))
        let claimed = Int(try view.integer(at: 14, as: Int32.self, .little, for: "number of samples"))
        let offset = Int(try view.integer(at: 22, as: Int32.self, .little, for: "offset of the samples"))
        guard comment >= 0, offset >= fixedBytes, offset <= view.count, fixedBytes + comment <= offset else {
            throw view.refusal(
                .truncated, at: 22, "samples from byte \(offset) on, the file has \(view.count) bytes")
        }
        let available = (view.count - offset) / (2 * leads)
        let frames = claimed == available * leads ? available : claimed
        guard frames > 0, frames <= available else {
            throw view.refusal(
                claimed > 0 ? .truncated : .malformed, at: 14,
                "\(claimed) samples of \(leads) leads are claimed, \(available) are here")
        }
        guard frames <= Recording.maximumSamples else {
            throw view.refusal(
                .limitExceeded, at: 14, "\(frames) samples, at most \(Recording.maximumSamples) are read")
        }
        let header = try view.run(at: 10, count: offset - 10, for: "the header")
        let stored = try view.integer(at: 8, as: UInt16.self, .little, for: "CRC")
        let crc = CRC16.of(header)
        // 0: not computed. The order of its bytes is not laid down.
        let isDamaged = stored != 0 && stored != crc && stored != crc.byteSwapped
        let data = try view.window(at: offset, count: frames * 2 * leads, for: "samples")
        return (data, isDamaged)
    }

    /// Day, month and year of the recording, hour, minute and second of its start.
    private static func localStartTime(_ view: BinaryView) throws(FormatError) -> String? {
        let numbers = try [138, 140, 142, 150, 152, 154].map { offset throws(FormatError) in
            Int(try view.integer(at: offset, as: Int16.self, .little, for: "date and time"))
        }
        return LocalTime.of(
            year: numbers[2], month: numbers[1], day: numbers[0], hour: numbers[3], minute: numbers[4],
            second: numbers[5])
    }

    private static func device(_ view: BinaryView) throws(FormatError) -> Device? {
        let model = try view.text(at: 232, count: 40, for: "recorder")
        return model.isEmpty ? nil : Device(model: model)
    }
}

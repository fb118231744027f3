private import Bytes
package import ECG

/// Reads an SCP-ECG record (EN 1064, ISO 11073-91064, versions 1.3 to 2.x): ``SCPRecord`` has the layout.
///
/// A wrong CRC is reported and the record read: writers are known to leave it wrong, and the sections are checked
/// against one another anyway.
package enum SCPReader: FormatReader {
    package static let format = ECGFormat(
        id: "scp", name: "SCP-ECG", mediaTypes: ["application/x-scp-ecg"], fileExtensions: ["scp"])

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return SCPRecord.recognises(part.bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(SCPRecord(bytes), options)
        }
    }

    private static func recording(
        _ record: SCPRecord, _ options: ReadOptions
    ) throws(FormatError) -> Recording {
        let content = try SCPSignals(record)
        _ = try StatedValues.agree(onUnit: .nanovolts, stated: options.unit, place: .field("section 6"))
        var rate: SampleRate
        do { rate = try SampleRate(hertz: 1_000_000 / Double(content.interval)) } catch {
            throw FormatError(error, place: .field("section 6, sample interval"))
        }
        rate = try StatedValues.agree(onRate: rate, stated: options.sampleRate)
        let named = content.leads.enumerated().compactMap { index, lead in
            LeadCode.name(lead.code).map { (index: index, name: $0) }
        }
        let others = content.leads.filter { LeadCode.name($0.code) == nil }.map { "\($0.code)" }
        let storage = try samples(of: content, named)
        var remarks: [String] = []
        if !record.damaged.isEmpty {
            remarks.append("the CRC is wrong of \(record.damaged.joined(separator: ", "))")
        }
        if !others.isEmpty {
            remarks.append("left out leads of other kinds: codes \(others.joined(separator: ", "))")
        }
        let header = try record.body(1).flatMap { try? SCPHeader($0) }
        if header == nil { remarks.append("device, filters and time (section 1) could not be read") }
        var recording = try FormatError.building(.field("section 3")) { () throws(RecordingError) in
            try Recording(
                storage, sampleRate: rate, startTime: header?.startTime, device: header?.device,
                filters: header?.filters.ifKnown, remarks: remarks)
        }
        recording.localStartTime = header?.localStartTime
        return recording
    }

    /// All leads that have a name, each decoded to its place.
    private static func samples(
        of content: SCPSignals, _ named: [(index: Int, name: String)]
    ) throws(FormatError) -> RecordingStorage {
        let place = FormatError.Place.field("section 3")
        let count = named.first { LeadLabel($0.name) == .standard(.I) }.map { content.leads[$0.index].count }
        var storage: RecordingStorage
        do throws(RecordingError) {
            storage = try RecordingStorage(signals: named.map(\.name), sampleCount: count ?? 0)
        } catch { throw FormatError(error, place: place) }
        for (signal, lead) in named.enumerated() {
            guard storage.keeps(signal) else { continue }
            let stored = content.leads[lead.index].count
            do throws(RecordingError) {
                try storage.check(stored, of: signal)
            } catch { throw FormatError(error, place: place) }
            let samples = LeadSamples.counts(
                PackedIntegers(try content.counts(of: lead.index)), content.scale)
            do throws(RecordingError) { try storage.write(samples, of: signal) } catch {
                throw FormatError(error, place: place)
            }
        }
        do throws(RecordingError) { try storage.complete() } catch { throw FormatError(error, place: place) }
        return storage
    }
}

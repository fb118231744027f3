package import ECG

/// Writes a DICOM waveform object: 12-lead, general or ambulatory ECG, whichever holds rate and length (PS3.3 annex A.34).
///
/// One multiplex group of twelve channels, samples SS, gaps as padding. Patient attributes of type 2 are empty and
/// (0012,0062) says that identity was removed. A time that is not known is that of 1 January 1900, which stands for none
/// (PS3.15 annex E: a dummy where type 1 wants a value).
package enum DICOMWriter: FormatWriter {
    package static var format: ECGFormat { DICOMReader.format }

    /// What (0008,002A) says where no time is known.
    static let unknownTime = "19000101000000"
    private static let explicitLittleEndian = "1.2.840.10008.1.2.1"

    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        let object = try objectClass(of: recording)
        let instance = DerivedIdentifier(recording, "instance").uid
        let bytes =
            [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta(object, instance)
            + dataSet(recording, object, instance).bytes
        return [WrittenFile(name: name + ".dcm", bytes: bytes)]
    }

    /// 12-lead and general objects have 200 to 1,000 Hz, ambulatory ones 50 to 1,000; a 12-lead one at most 16,384 samples.
    private static func objectClass(of recording: Recording) throws(WritingError) -> String {
        let hertz = recording.sampleRate.hertz
        guard hertz <= 1_000 else {
            throw .sampleRate(hertz: hertz, allowed: 50...1_000, format: format.name)
        }
        let root = "1.2.840.10008.5.1.4.1.1.9.1."
        return root + (hertz < 200 ? "3" : recording.sampleCount <= 16_384 ? "1" : "2")
    }

    /// Group 0002 (PS3.10 section 7.1), its length in front.
    private static func meta(_ object: String, _ instance: String) -> [UInt8] {
        var rest = DICOMElements()
        rest.bytes(0x0002, 0x0001, [0, 1])
        rest.text(0x0002, 0x0002, "UI", object)
        rest.text(0x0002, 0x0003, "UI", instance)
        rest.text(0x0002, 0x0010, "UI", explicitLittleEndian)
        // The writer's implementation, a UUID drawn once.
        rest.text(0x0002, 0x0012, "UI", "2.25.56222261908828211815256083977032090863")
        var length = DICOMElements()
        length.unsigned32(0x0002, 0x0000, rest.bytes.count)
        return length.bytes + rest.bytes
    }

    private static func dataSet(
        _ recording: Recording, _ object: String, _ instance: String
    ) -> DICOMElements {
        var set = DICOMElements()
        set.text(0x0008, 0x0005, "CS", "ISO_IR 192")
        set.text(0x0008, 0x0016, "UI", object)
        set.text(0x0008, 0x0018, "UI", instance)
        writeTime(recording, &set)
        set.text(0x0008, 0x0060, "CS", "ECG")
        // A long string has at most 64 characters (PS3.5 section 6.2).
        let short = { (text: String) in String(text.unicodeScalars.prefix(64)) }
        set.text(0x0008, 0x0070, "LO", short(recording.device?.manufacturer ?? ""))
        if let model = recording.device?.model { set.text(0x0008, 0x1090, "LO", short(model)) }
        if let version = recording.device?.softwareVersion { set.text(0x0018, 0x1020, "LO", short(version)) }
        writeEmptyPatientAndStudy(&set)
        set.text(0x0020, 0x000D, "UI", DerivedIdentifier(recording, "study").uid)
        set.text(0x0020, 0x000E, "UI", DerivedIdentifier(recording, "series").uid)
        set.text(0x0020, 0x0011, "IS", "1")
        set.text(0x0020, 0x0013, "IS", "1")
        set.sequence(0x0040, 0x0555, [])
        set.sequence(0x5400, 0x0100, [group(recording)])
        return set
    }

    private static func writeEmptyPatientAndStudy(_ set: inout DICOMElements) {
        let empty: [(UInt16, UInt16, String)] = [
            (0x0008, 0x0050, "SH"), (0x0008, 0x0090, "PN"), (0x0010, 0x0010, "PN"), (0x0010, 0x0020, "LO"),
            (0x0010, 0x0030, "DA"), (0x0010, 0x0040, "CS"), (0x0020, 0x0010, "SH"),
        ]
        for (group, element, vr) in empty { set.text(group, element, vr, "") }
        set.text(0x0012, 0x0062, "CS", "YES")
        set.text(0x0012, 0x0063, "LO", "Only samples, leads, device, filters and time were kept")
    }

    /// Study, content and acquisition date and time.
    private static func writeTime(_ recording: Recording, _ set: inout DICOMElements) {
        let known = recording.startTime ?? recording.localStartTime
        let text = known.map { $0.filter { $0.isNumber || $0 == "." } } ?? unknownTime
        set.text(0x0008, 0x0020, "DA", known == nil ? "" : String(text.prefix(8)))
        set.text(0x0008, 0x0030, "TM", known == nil ? "" : String(text.dropFirst(8).prefix(6)))
        set.text(0x0008, 0x0023, "DA", String(text.prefix(8)))
        set.text(0x0008, 0x0033, "TM", String(text.dropFirst(8).prefix(6)))
        // A fraction has at most six digits.
        let limited = String(text.prefix(21))
        set.text(0x0008, 0x002A, "DT", recording.startTime == nil ? limited : limited + "+0000")
    }

    /// The multiplex group (PS3.3 section C.10.9).
    private static func group(_ recording: Recording) -> DICOMElements {
        let leads = QuantisedLeads(recording)
        var group = DICOMElements()
        group.text(0x003A, 0x0004, "CS", "ORIGINAL")
        group.unsigned16(0x003A, 0x0005, leads.counts.count)
        group.unsigned32(0x003A, 0x0010, recording.sampleCount)
        group.text(0x003A, 0x001A, "DS", DecimalText.short(recording.sampleRate.hertz))
        group.text(0x003A, 0x0020, "SH", "RHYTHM")
        group.sequence(
            0x003A, 0x0200, Lead.allCases.map { channel($0, step: leads.microvolts, recording.filters) })
        group.unsigned16(0x5400, 0x1004, 16)
        group.text(0x5400, 0x1006, "CS", "SS")
        group.words(0x5400, 0x100A, [0x00, 0x80])
        group.words(0x5400, 0x1010, leads.interleaved)
        return group
    }

    /// A channel: lead by context group 3001, microvolts by 3082.
    private static func channel(_ lead: Lead, step: Double, _ filters: AppliedFilters?) -> DICOMElements {
        var channel = DICOMElements()
        channel.code(
            0x003A, 0x0208, value: "2:\(LeadCode.number(lead))", scheme: "MDC",
            meaning: "Lead \(lead.rawValue)")
        channel.text(0x003A, 0x0210, "DS", DecimalText.of(step))
        channel.code(0x003A, 0x0211, value: "uV", scheme: "UCUM", meaning: "microvolt")
        channel.text(0x003A, 0x0212, "DS", "1")
        channel.text(0x003A, 0x0213, "DS", "0")
        channel.text(0x003A, 0x0215, "DS", "0")
        channel.unsigned16(0x003A, 0x021A, 16)
        let hertz: [(UInt16, Double?)] = [
            (0x0220, filters?.highPassHertz), (0x0221, filters?.lowPassHertz), (0x0222, filters?.notchHertz),
        ]
        for (element, value) in hertz {
            if let value { channel.text(0x003A, element, "DS", DecimalText.short(value)) }
        }
        return channel
    }
}

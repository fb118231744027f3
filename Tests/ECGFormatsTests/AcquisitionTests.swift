import ECG
import ECGFormats
import Foundation
import Testing

/// What files say of device, filters and time comes into the recording.
@Suite struct AcquisitionTests {
    private func recording(_ path: String, _ edit: ([UInt8]) -> [UInt8] = { $0 }) throws -> Recording {
        let upload = try Upload(body: edit(FixtureCase.bytes(at: path)), mediaType: nil, fileName: "")
        return try FormatRegistry.read(upload, options: ReadOptions()).recording
    }

    @Test(arguments: [
        ("scp/valid/ecgtoolkit_example.scp", "2002-11-22T09:10:00"),
        ("dicom/valid/ecgtoolkit_example.dcm", "2002-11-22T09:10:00"),
        ("dicom/valid/maclab_240hz.dcm", "1999-12-23T10:07:09"),
        ("aecg/valid/hl7_example_aecg.xml", "2002-11-22T09:10:00"),
        ("philips/valid/sierra_1_03_mrx.xml", "2011-12-01T07:27:34"),
        ("muse/valid/muse_v9_utf8_cjk.xml", "2024-01-01T10:35:17"),
        ("zoll/valid/report12lead.json", "2020-01-01T12:00:00"),
    ]) func carriesTheTimeOfTheDevicesClock(path: String, time: String) throws {
        let found = try recording(path)
        #expect(found.localStartTime == time)
        #expect(found.startTime == nil)
    }

    @Test func readsDatesOfBinaryHeaders() throws {
        let edf = try recording("edf/valid/ptbxl.edf") { bytes in
            Array(bytes[..<168]) + Array("29.02.2410.11.12".utf8) + Array(bytes[184...])
        }
        #expect(edf.localStartTime == "2024-02-29T10:11:12")
        let old = try recording("edf/valid/ptbxl.edf") { bytes in
            Array(bytes[..<168]) + Array("31.12.8523.59.59".utf8) + Array(bytes[184...])
        }
        #expect(old.localStartTime == "1985-12-31T23:59:59")
        // What de-identifying programs write.
        let none = try recording("edf/valid/ptbxl.edf") { bytes in
            Array(bytes[..<168]) + Array("01.01.8500.00.00".utf8) + Array(bytes[184...])
        }
        #expect(none.localStartTime == nil)
        let ishne = try recording("ishne/valid/holter_p28_0s.ecg") { bytes in
            var bytes = bytes
            for (place, value) in zip([138, 140, 142, 150, 152, 154], [29, 2, 2_024, 10, 11, 12]) {
                (bytes[place], bytes[place + 1]) = (UInt8(value & 255), UInt8(value >> 8))
            }
            return bytes
        }
        #expect(ishne.localStartTime == "2024-02-29T10:11:12")
    }

    @Test func readsTheTimeOfAnMFERFile() throws {
        let mfer = try recording("mfer/valid/ptbxl_12lead.mwf") { bytes in
            // After the preamble and the byte order, little endian.
            let preamble = Int(bytes[1]) + 2
            let order = preamble + 2 + Int(bytes[preamble + 1])
            return Array(bytes[..<order]) + [0x85, 11, 0xE8, 0x07, 2, 29, 10, 11, 12, 0, 0, 0, 0]
                + Array(bytes[order...])
        }
        #expect(mfer.localStartTime == "2024-02-29T10:11:12")
    }

    @Test func takesLeadNamesOfThePortugueseSpeakingWorld() {
        #expect(LeadLabel("DI") == .standard(.I))
        #expect(LeadLabel("DII") == .standard(.II))
        #expect(LeadLabel(" diii ") == .standard(.III))
        #expect(LeadLabel("D") == nil)
    }
}

/// What real files of a format do beyond its examples.
@Suite struct VariantTests {
    private func read(_ path: String, _ edit: (String) -> String) throws -> DecodedECG {
        let text = String(decoding: try FixtureCase.bytes(at: path), as: UTF8.self)
        let upload = try Upload(body: Array(edit(text).utf8), mediaType: nil, fileName: "")
        return try FormatRegistry.read(upload, options: ReadOptions())
    }

    @Test func joinsSequenceSetsOverTheSameTimeBase() throws {
        let path = "aecg/valid/aecg_100hz.xml"
        let plain = try read(path) { $0 }
        let base = try #require(
            String(decoding: try FixtureCase.bytes(at: path), as: UTF8.self).firstMatch(
                of: /<component>\s*<sequence>\s*<code code="TIME_(.|\n)*?<\/component>/))
        let boundary = "</sequenceSet></component><component><sequenceSet>" + base.output.0
        // A set of its own for every lead from II on.
        let split = try read(path) { text in
            text.replacing(
                /<component>\s*<sequence>\s*<code code="MDC_ECG_LEAD_(II|V[1-6])"/,
                with: { match in boundary + String(match.output.0) })
        }
        #expect(split.recording.leadsReceived == plain.recording.leadsReceived)
        #expect(split.recording.millivolts == plain.recording.millivolts)
        // Over another time base they are another recording.
        let other = boundary.replacing(/head value="[^"]*"/, with: "head value=\"20010101000000\"")
        #expect(throws: FormatError.self) {
            try read(path) { text in
                text.replacing(
                    /<component>\s*<sequence>\s*<code code="MDC_ECG_LEAD_V1"/,
                    with: { match in other + String(match.output) })
            }
        }
    }

    @Test func cutsTheCalibrationOffWhatWasConvertedFromPhilips() throws {
        let path = "aecg/valid/aecg_100hz.xml"
        // 1,000 samples in eleven seconds.
        let longer = { (text: String) in
            text.replacing("increment value=\"0.01\"", with: "increment value=\"0.011\"")
        }
        let ours = try read(path, longer).recording
        #expect(ours.sampleCount == 1_000)
        let theirs = try read(path) { text in
            longer(text).replacing(
                /<manufacturerOrganization>\s*<name>[^<]*/,
                with: "<manufacturerOrganization><name>Philips Medical Systems")
        }
        #expect(theirs.recording.sampleCount == 909)
        #expect(theirs.recording[.V3].elementsEqual(ours[.V3].prefix(909)))
        #expect(theirs.notes.contains { $0.contains("calibration") })
    }

    /// Limb leads as they are, and as what is left after deriving them from I and II.
    @Test(arguments: [false, true]) func takesUncompressedSamplesOfPhilips(asDifferences: Bool) throws {
        let path = "philips/valid/sierra_1_03_mrx.xml"
        let whole = try read(path) { $0 }.recording
        var counts = Lead.allCases.map { lead in whole[lead].map { Int(($0 * 200).rounded()) } }
        if asDifferences {
            for index in 0..<whole.sampleCount {
                let (one, two, three) = (counts[0][index], counts[1][index], counts[2][index])
                counts[2][index] = two - one - three
                counts[3][index] = -counts[3][index] - (one + two) >> 1
                counts[4][index] = (one - three) >> 1 - counts[4][index]
                counts[5][index] = (two + three) >> 1 - counts[5][index]
            }
        }
        let bytes = counts.joined().flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8 & 0xFF)] }
        let plain = try read(path) { text in
            text.replacing(
                /<parsedwaveforms[^>]*>[^<]*/,
                with:
                    "<parsedwaveforms compressflag=\"False\" dataencoding=\"Base64\" durationperchannel=\"10000\">"
                    + Data(bytes).base64EncodedString())
        }
        #expect(plain.recording.millivolts == whole.millivolts)
    }

    @Test func knowsTheLeadsOfEDFByTheLabelsThatWritersGiveThem() throws {
        let bytes = try FixtureCase.bytes(at: "edf/valid/ptbxl.edf")
        let labels = [
            "ECG-I", "EKG D2", "D3", "-aVR", "ECG aVL-Ref", "ECGaVF", "EKG_V1", "ECG Lead V2", "V3-REF",
            "ECG V4 [uV]",
            "lead v5", "ECG-V6-REF",
        ]
        var edited = bytes
        for (index, label) in labels.enumerated() {
            edited.replaceSubrange(
                256 + 16 * index..<272 + 16 * index,
                with: label.utf8 + [UInt8](repeating: 0x20, count: 16 - label.utf8.count))
        }
        let read = { (bytes: [UInt8]) in
            try FormatRegistry.read(
                Upload(body: bytes, mediaType: nil, fileName: ""), options: ReadOptions()
            ).recording
        }
        let (plain, found) = (try read(bytes), try read(edited))
        #expect(found.leadsDerived == [.aVR])
        for lead in Lead.allCases where lead != .aVR { #expect(found[lead] == plain[lead]) }
    }

    @Test(arguments: ["V2R", "-aVR", "MCL1", "ES"]) func knowsLeadsBeyondTheTwelve(name: String) {
        #expect(LeadLabel(name) == .supplementary(name.uppercased()))
    }

    /// As writers on Windows put it in front of JSON (RFC 8259 section 8.1 lets readers ignore it).
    @Test(arguments: [
        "json/valid/00001_hr.json", "zoll/valid/report12lead.json", "fhir/valid/r4_observation_uv.json",
    ])
    func takesJSONWithAByteOrderMark(path: String) throws {
        let plain = try read(path) { $0 }
        let marked = try read(path) { "\u{FEFF}" + $0 }
        #expect(marked.format == plain.format)
        #expect(marked.recording == plain.recording)
    }

    @Test func namesTheLeadsOfAnObservationByWordWhereTheyHaveNoCode() throws {
        let path = "fhir/valid/r4_observation_uv.json"
        let plain = try read(path) { $0 }
        let words = try read(path) { $0.replacing(/"code"\s*:\s*"1313\d\d"/, with: "\"code\":\"local\"") }
        #expect(words.recording == plain.recording)
    }

    /// Messages carry files of any format, as they are or in an archive.
    @Test(arguments: [
        "scp/valid/ecgtoolkit_example.scp", "dicom/valid/maclab_240hz.dcm",
        "philips/valid/sierra_1_03_mrx.xml",
        "aecg/valid/aecg_100hz.xml", "edf/valid/ptbxl.edf", "containers/valid/00001_hr.zip",
        "zoll/valid/report12lead.json",
    ]) func messagesCarryFilesOfAnyFormat(path: String) throws {
        let bytes = try FixtureCase.bytes(at: path)
        let upload = try Upload(body: bytes, mediaType: nil, fileName: "")
        let plain = try FormatRegistry.read(upload, options: ReadOptions())
        let base64 = Data(bytes).base64EncodedString()
        let report = "<eDevice.WaveformGroup><eDevice.05>\(base64)</eDevice.05></eDevice.WaveformGroup>"
        let messages = [
            "MSH|^~\\&|A|B|C|D|20240229||ORU^R01|1|P|2.6\rOBX|1|ED|ECG||A^Application^X^Base64^\(base64)\r",
            "<EMSDataSet xmlns=\"http://www.nemsis.org\"><eDevice>\(report)</eDevice></EMSDataSet>",
        ]
        for message in messages {
            let upload = try Upload(body: Array(message.utf8), mediaType: nil, fileName: "")
            let carried = try FormatRegistry.read(upload, options: ReadOptions()).recording
            #expect(carried.millivolts.count == plain.recording.millivolts.count)
            #expect(zip(carried.millivolts, plain.recording.millivolts).allSatisfy { $0 == $1 })
            #expect(carried.sampleRate == plain.recording.sampleRate)
            #expect(carried.device == plain.recording.device)
            #expect(carried.remarks.last == "an embedded \(plain.format.name) file is used")
        }
    }

    @Test func subtractsWhatAMUSELeadSaysIsZero() throws {
        let text = String(decoding: try FixtureCase.bytes(at: "muse/valid/ptbxl_muse.xml"), as: UTF8.self)
        func read(_ baseline: String) throws -> Recording {
            let moved = text.replacing(
                "<FirstSampleBaseline>0<", with: "<FirstSampleBaseline>\(baseline)<")
            let upload = try Upload(body: Array(moved.utf8), mediaType: nil, fileName: "")
            return try FormatRegistry.read(upload, options: ReadOptions()).recording
        }
        let (plain, moved) = (try read("0"), try read("-250"))
        for lead in Lead.independent {
            #expect(zip(plain[lead], moved[lead]).allSatisfy { abs($1 - $0 - 1.22) < 1e-4 })
        }
        #expect(throws: FormatError.self) { try read("low") }
    }

    @Test func saysThatAnAnnotatedECGHasSeveralRhythmSeries() throws {
        let bytes = try FixtureCase.bytes(at: "aecg/valid/aecg_100hz.xml")
        let text = String(decoding: bytes, as: UTF8.self)
        let start = try #require(text.firstRange(of: "<series>")).lowerBound
        let end = try #require(text.firstRange(of: "</series>")).upperBound
        let twice = text[..<end] + "</component><component>" + text[start...]
        func read(_ text: String) throws -> Recording {
            let upload = try Upload(body: Array(text.utf8), mediaType: nil, fileName: "")
            return try FormatRegistry.read(upload, options: ReadOptions()).recording
        }
        let (single, double) = (try read(text), try read(String(twice)))
        #expect(double.millivolts == single.millivolts)
        #expect(double.remarks == single.remarks + ["of 2 rhythm series the first is used"])
    }
}

import ECG
import ECGFormats
import Testing

/// A fixture with a patient's name, number and birth date where the format has them.
struct NamedFile: CustomTestStringConvertible, Sendable {
    /// What must never come out again; every name and number begins with the first.
    static let marks = ["Qvx", "19370419", "1937-04-19"]
    private static let name = "Qvxmeyer"
    private static let number = "Qvx-84736"
    private static let birth = "19370419"

    let path: String
    let bytes: [UInt8]
    /// Where the patient stands.
    let place: Int
    /// What the client states besides.
    var options = ReadOptions()

    var testDescription: String { path }

    static func all() throws -> [NamedFile] {
        var files: [NamedFile] = []
        let patient = "<patient><name>\(name)</name><id>\(number)</id><dob>\(birth)</dob></patient>"
        for path in [
            "aecg/valid/aecg_100hz.xml", "muse/valid/ptbxl_muse.xml", "philips/valid/sierra_1_03_mrx.xml",
            "mortara/valid/ptbxl_eli.xml", "schiller/valid/ptbxl_sema.xml",
            "lifepak/valid/ptbxl_ecgrecord.xml",
            "nemsis/valid/edevice05_aecg.xml",
        ] { files.append(try inserting(patient, into: path) { afterRootTag($0) }) }
        let member = #""patient":{"name":"\#(name)","id":"\#(number)","birthDate":"\#(birth)"},"#
        for path in ["zoll/valid/report12lead.json", "fhir/valid/r4_observation_uv.json"] {
            files.append(
                try inserting(member, into: path) { ($0.firstIndex(of: UInt8(ascii: "{")) ?? 0) + 1 })
        }
        let segment = "PID|1||\(number)||\(name)^Hans||\(birth)|M\r"
        files.append(
            try inserting(segment, into: "hl7v2/valid/oru_r01_na_mdc.hl7") {
                ($0.firstIndex(of: 0x0D) ?? 0) + 1
            })
        let comment = "# patient: \(name), \(number), \(birth)\n"
        files.append(try inserting(comment, into: "csv/valid/semicolon_decimalcomma_uv.csv") { _ in 3 })
        for path in ["dicom/valid/ecgtoolkit_example.dcm", "scp/valid/ecgtoolkit_example.scp"] {
            files.append(
                try replacing(["Clark": "Qvxme", "SBJ-123": "Qvx-847", "19530508": birth], in: path))
        }
        files.append(
            try inserting("\u{1}\u{0}", into: "mfer/valid/ptbxl_12lead.mwf", definitions: true) { _ in 0x25 })
        files.append(try writing("\(number) M 19-APR-1937 \(name)", into: "edf/valid/ptbxl.edf", at: 8))
        files.append(try writing(name, into: "ishne/valid/holter_p28_0s.ecg", at: 28))
        return files
    }

    private static func inserting(
        _ text: String, into path: String, definitions: Bool = false, at place: ([UInt8]) -> Int
    ) throws -> NamedFile {
        let bytes = try FixtureCase.bytes(at: path)
        let start = place(bytes)
        // MFER: 0x81 is the patient's name, 0x82 the number.
        let inserted =
            definitions
            ? [0x81, UInt8(name.utf8.count)] + Array(name.utf8) + [0x82, UInt8(number.utf8.count)]
                + Array(number.utf8) : Array(text.utf8)
        return NamedFile(path: path, bytes: bytes[..<start] + inserted + bytes[start...], place: start)
    }

    private static func replacing(_ texts: [String: String], in path: String) throws -> NamedFile {
        var bytes = try FixtureCase.bytes(at: path)
        var place = 0
        for (old, new) in texts {
            for start in bytes.indices.dropLast(old.utf8.count) where bytes[start...].starts(with: old.utf8) {
                bytes.replaceSubrange(start..<start + new.utf8.count, with: new.utf8)
                place = start
            }
        }
        return NamedFile(path: path, bytes: bytes, place: place)
    }

    private static func writing(_ text: String, into path: String, at start: Int) throws -> NamedFile {
        var bytes = try FixtureCase.bytes(at: path)
        bytes.replaceSubrange(start..<start + text.utf8.count, with: text.utf8)
        return NamedFile(path: path, bytes: bytes, place: start)
    }

    /// Behind the start tag of the first element.
    private static func afterRootTag(_ bytes: [UInt8]) -> Int {
        var index = 0
        while let open = bytes[index...].firstIndex(of: UInt8(ascii: "<")) {
            let isElement = bytes[open + 1] != UInt8(ascii: "?") && bytes[open + 1] != UInt8(ascii: "!")
            index = (bytes[open...].firstIndex(of: UInt8(ascii: ">")) ?? open) + 1
            if isElement { return index }
        }
        return 0
    }
}

/// Nothing of a patient comes out of a reader: not in what it reads, not in what it says of damaged files.
@Suite struct DeidentificationTests {
    private func leaks(_ text: String) -> Bool { NamedFile.marks.contains { text.contains($0) } }

    @Test func everyFileDoesCarryAName() throws {
        let files = try NamedFile.all()
        #expect(files.count == 16)
        for file in files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(text.contains("Qvx"), "\(file.path)")
        }
    }

    @Test func whatIsReadHoldsNothingOfThePatient() throws {
        for file in try NamedFile.all() {
            let upload = try Upload(body: file.bytes, mediaType: nil, fileName: "")
            let decoded = try FormatRegistry.read(upload, options: file.options)
            var recording = decoded.recording
            let texts = [
                recording.startTime, recording.localStartTime, recording.device?.manufacturer,
                recording.device?.model, recording.device?.softwareVersion,
            ]
            let said = texts.compactMap(\.self) + recording.remarks + decoded.notes + recording.leadsIgnored
            #expect(!leaks(said.joined(separator: "\n")), "\(file.path)")
            // Nor can it be written again.
            for writer in FormatRegistry.writers where writer.format.id != "csv" {
                if writer.format.id == "wfdb" { recording.localStartTime = nil }
                for written in try writer.files(of: recording, name: "x") {
                    let text = String(decoding: written.bytes.prefix(10_000), as: UTF8.self)
                    #expect(!leaks(text), "\(file.path) as \(writer.format.id)")
                }
            }
        }
    }

    /// Cut and damaged around the patient, where an error would be most tempted to quote.
    @Test func whatIsSaidOfDamagedFilesHoldsNothingOfThePatient() throws {
        for file in try NamedFile.all() {
            var state = UInt64(file.bytes.count)
            let next = { (bound: Int) -> Int in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            for round in 0..<60 {
                var bytes = file.bytes
                if round % 3 == 0 {
                    bytes = Array(bytes.prefix(file.place + next(120)))
                } else {
                    for _ in 0..<3 {
                        let place = file.place - 60 + next(200)
                        if bytes.indices.contains(place) {
                            bytes[place] = UInt8(truncatingIfNeeded: next(256))
                        }
                    }
                }
                let said = self.said(of: bytes)
                #expect(!leaks(said), "\(file.path): \(said)")
            }
        }
    }

    /// What other readers say of a file that the client insists to be theirs.
    @Test func whatOtherReadersSayHoldsNothingOfThePatient() throws {
        for file in try NamedFile.all() {
            for format in FormatRegistry.formats {
                #expect(!leaks(said(of: file.bytes, as: format)), "\(file.path) as \(format.id)")
            }
        }
    }

    @Test(arguments: [
        "Qvxmeyer Hans;II;V1;V2;V3;V4;V5;V6\n1;2;3;4;5;6;7;8\n",
        "I [mV],II [Qvxmeyer],V1,V2,V3,V4,V5,V6\n1,2,3,4,5,6,7,8\n",
        "I [mV],II [mV],V1 [mV],V2 [mV],V3 [mV],V4 [mV],V5 [mV],V6 [mV]\n1,2,3,Qvxmeyer,5,6,7,8\n",
        #"{"leads":{"I":[1]},"sampleRate":"Qvxmeyer"}"#,
        #"{"leads":{"I":["Qvxmeyer"]},"sampleRate":500,"units":"mV"}"#,
        #"{"leads":{"Qvxmeyer":[1]},"sampleRate":500,"units":"mV"}"#,
        #"{"leads":{},"units":"Qvxmeyer","sampleRate":500}"#,
    ]) func tablesAndJSONWithNamesInThemAreNotQuoted(text: String) {
        #expect(!leaks(said(of: Array(text.utf8))))
    }

    private func said(of bytes: [UInt8], as format: ECGFormat? = nil) -> String {
        do {
            let upload = try Upload(body: bytes, mediaType: nil, fileName: "")
            let decoded = try FormatRegistry.read(
                upload, options: ReadOptions(sampleRate: try SampleRate(hertz: 500), format: format))
            return (decoded.notes + [decoded.recording.device?.model ?? ""]).joined(separator: "\n")
        } catch let error as FormatError {
            return [error.message, "\(error)"].joined(separator: "\n")
        } catch { return "\(error)" }
    }
}

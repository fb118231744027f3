import Foundation
import TestSupport
import Testing

/// Published examples whose files do name a patient, through the server and every command: nothing of the patient comes out.
@Suite(.serialized) struct PatientTests {
    private static let fixtures = "Tests/ECGFormatsTests/Fixtures/"
    private static let files = [
        "scp/valid/ecgtoolkit_example.scp", "dicom/valid/ecgtoolkit_example.dcm",
        "aecg/valid/hl7_example_aecg.xml",
    ]
    /// Name, number and birth date of the subject of the HL7 example, and people around.
    private static let marks = [
        "Clark", "SBJ-123", "SBJ-12", "19530508", "1953-05-08", "John Smith", "KAB", "JMK",
    ]

    private func expectNothing(of text: String, _ place: String) {
        for mark in Self.marks { #expect(!text.contains(mark), "\(place) has \(mark)") }
    }

    @Test(arguments: files) func theFileNamesAPatient(file: String) throws {
        let text = String(decoding: try Repository.bytes(Self.fixtures + file), as: UTF8.self)
        #expect(text.contains("Clark") && text.contains("SBJ-123"))
    }

    @Test func neitherAnswersNorErrorsNorTheLogNameThePatient() throws {
        let server = try RunningServer()
        let folder = try TemporaryFolder()
        var answers = 0
        for file in Self.files {
            let whole = try Repository.bytes(Self.fixtures + file)
            // Whole; cut in the middle; cut within the patient's name; a digit of a number damaged.
            let name = try #require(whole.indices.first { whole[$0...].starts(with: "Clark".utf8) })
            for (index, length) in [whole.count, whole.count / 2, name + 3].enumerated() {
                try folder.write(Array(whole.prefix(length)), to: "\(index).bin")
                for route in ["assessments", "inspect", "embeddings", "render"] {
                    let url = "\(server.address)/v1/\(route)"
                    let exchange = try Curl.send(url, "--data-binary", "@\(folder.path("\(index).bin"))")
                    #expect((exchange.status == 200) == (index == 0), "\(file) \(length) \(route)")
                    expectNothing(of: exchange.text, "\(route) of \(file)")
                    answers += 1
                }
            }
        }
        #expect(server.stop() == 0)
        #expect(server.log.split(separator: "\n").count(where: { $0.contains("/v1/") }) == answers)
        expectNothing(of: server.log, "the log")
    }

    @Test(arguments: files) func noCommandPrintsOrWritesThePatient(file: String) throws {
        let folder = try TemporaryFolder()
        let path = Self.fixtures + file
        for arguments in [
            ["inspect", path], ["inspect", path, "--json", "--svg", folder.path("a.svg")], ["score", path],
            ["score", path, "--json"], ["embed", path, "--encoder", "st-mem"],
            ["convert", path, "--to", "dicom", folder.path("a.dcm")],
            ["convert", path, "--to", "aecg", folder.path("a.xml")],
            ["convert", path, "--to", "wfdb", folder.path("a.hea")],
            ["convert", path, "--to", "fhir", folder.path("b.json")],
            ["convert", path, "--to", "json", folder.path("c.json")],
        ] {
            let outcome = try Tool.run(Tool.binary, arguments)
            #expect(outcome.status == 0, "\(arguments)")
            expectNothing(of: outcome.output + outcome.errors, arguments.joined(separator: " "))
        }
        #expect(folder.files.count == 7)
        for written in folder.files {
            expectNothing(of: String(decoding: try folder.bytes(written), as: UTF8.self), written)
        }
    }
}

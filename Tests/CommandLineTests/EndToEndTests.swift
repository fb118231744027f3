import Foundation
import TestSupport
import Testing

/// The file that the README posts.
private let example = "Demonstration/ecg/ptbxl00173.zip"

@Suite(.serialized) struct EndToEndTests {
    @Test func answersOverHTTPWhatTheCommandLineScores() throws {
        let server = try RunningServer()
        let posted = try Tool.run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--data-binary", "@\(example)", "\(server.address)/v1/assessments"])
        #expect(posted.status == 0, "\(posted.errors)")
        let scored = try Tool.run("score", example, "--json")
        #expect(scored.status == 0, "\(scored.errors)")

        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(posted.output.utf8)) as? [String: Any])
        let answers = try #require(
            try JSONSerialization.jsonObject(with: Data(scored.output.utf8)) as? [[String: Any]])
        try #require(answers.count == 1)
        #expect(Set(answer.keys) == Set(answers[0].keys))
        for key in answer.keys where key != "requestId" && key != "timingMilliseconds" {
            let one = try #require(answer[key] as? NSObject)
            let other = try #require(answers[0][key] as? NSObject)
            #expect(one == other, "\(key) differs")
        }
        #expect(try digits(of: "rawScore", in: posted.output) == digits(of: "rawScore", in: scored.output))
        #expect(server.stop() == 0)
        #expect(server.log.contains("stopped"))
    }

    @Test func logsNothingOfThePatientOrTheQuery() throws {
        let server = try RunningServer()
        let posted = try Tool.run(
            "/usr/bin/curl",
            [
                "--silent", "--data-binary", "secret-body", "-H", "X-Request-Id: id-7",
                "\(server.address)/v1/assessments?sampleRate=500&units=mV",
            ])
        #expect(posted.output.contains("urn:firstlead:problem:"))
        #expect(server.stop() == 0)
        #expect(server.log.contains("id-7"))
        #expect(server.log.contains("/v1/assessments"))
        #expect(!server.log.contains("secret-body"))
        #expect(!server.log.contains("sampleRate"))
    }

    @Test func postsAWFDBRecordAsAForm() throws {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let unzipped = try Tool.run("/usr/bin/unzip", ["-q", "\(Repository.root)/\(example)", "-d", folder])
        try #require(unzipped.status == 0, "\(unzipped.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        let header = try #require(files.first { $0.hasSuffix(".hea") })
        let server = try RunningServer()
        let form = files.flatMap { ["-F", "file=@\(folder)/\($0)"] }
        let posted = try Tool.run("/usr/bin/curl", ["--silent"] + form + ["\(server.address)/v1/assessments"])
        let scored = try Tool.run("score", "\(folder)/\(header)", "--json")
        #expect(try digits(of: "rawScore", in: posted.output) == digits(of: "rawScore", in: scored.output))
        #expect(try digits(of: "sha256", in: posted.output) == digits(of: "sha256", in: scored.output))
    }

    @Test func takesWhatAFormStatesBesideItsFile() throws {
        let server = try RunningServer()
        let table = "file=@Tests/ECGFormatsTests/Fixtures/csv/valid/time_s_mv.csv"
        let post = { (fields: [String]) in
            try Tool.run(
                "/usr/bin/curl",
                ["--silent"] + fields.flatMap { ["-F", $0] } + ["\(server.address)/v1/inspect"]
            ).output
        }
        #expect(try post([table]).contains("urn:firstlead:problem:unit-missing"))
        #expect(try post([table, "units=mV"]).contains("\"scorable\": true"))
        #expect(try post([table, "units=mV", "sampleRate=250"]).contains("problem:sample-rate-conflict"))
        #expect(try post([table, "units=mV", "units=mV"]).contains("problem:query-parameter"))
        #expect(try post([table, "unit=mV"]).contains("urn:firstlead:problem:"))
    }

    /// Every value of a member as it is written, in order.
    private func digits(of member: String, in text: String) throws -> [String] {
        let pattern = try Regex("\"\(member)\" ?: ?(\"[^\"]*\"|[-0-9.e]+)", as: (Substring, Substring).self)
        let found = text.matches(of: pattern).map { String($0.output.1) }
        try #require(!found.isEmpty)
        return found
    }
}

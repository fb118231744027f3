import Foundation
import TestSupport
import Testing

/// What the README prints is what a reader gets.
@Suite(.serialized) struct ReadmeTests {
    private let text: String

    init() throws { text = String(decoding: try Repository.bytes("README.md"), as: UTF8.self) }

    /// The first block of a language after a heading or sentence.
    private func block(_ language: String, after mark: String) throws -> String {
        let rest = try #require(text.components(separatedBy: mark).dropFirst().first)
        let block = try #require(rest.components(separatedBy: "```\(language)\n").dropFirst().first)
        return try #require(block.components(separatedBy: "\n```").first)
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    /// Without what differs from run to run and from build to build.
    private func comparable(_ json: String) throws -> NSDictionary {
        var answer = try object(json)
        answer["requestId"] = nil
        let timing = try #require(answer["timingMilliseconds"] as? [String: Any])
        answer["timingMilliseconds"] = timing.keys.sorted()
        var provenance = try #require(answer["provenance"] as? [String: Any])
        var software = try #require(provenance["software"] as? [String: Any])
        software["commit"] = nil
        software["xgboost"] = nil
        provenance["software"] = software
        answer["provenance"] = provenance
        return answer as NSDictionary
    }

    @Test func theCurlAnswersWhatIsPrinted() throws {
        let command = try block("sh", after: "post a real ECG")
        let server = try RunningServer()
        let arguments = command.split(separator: " ").dropFirst().map {
            $0.replacingOccurrences(of: "http://127.0.0.1:8080", with: server.address)
        }
        let answer = try Tool.run("/usr/bin/curl", ["--silent"] + arguments)
        let printed = try block("json", after: "post a real ECG")
        #expect(try comparable(answer.output) == comparable(printed))
        #expect(answer.output.split(separator: "\n").count == printed.split(separator: "\n").count)
    }

    @Test func theRefusedCurlIsRefused() throws {
        let command = try block("sh", after: "## What it refuses")
        let server = try RunningServer()
        let arguments = command.split(separator: " ").dropFirst().map {
            $0.replacingOccurrences(of: "http://127.0.0.1:8080", with: server.address)
        }
        let problem = try object(Tool.run("/usr/bin/curl", ["--silent"] + arguments).output)
        #expect(problem["type"] as? String == "urn:firstlead:problem:unknown-format")
        #expect(problem["risk"] == nil)
    }

    @Test func theCommandsRun() throws {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["Demonstration", "Bundles"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: Repository.path(name))
        }
        let commands = try block("sh", after: "## On the command line").split(separator: "\n")
        #expect(commands.count == 5)
        for command in commands {
            let words = command.split(separator: " ").map(String.init)
            #expect(words.first == "firstlead")
            let outcome = try Tool.run(Tool.binary, Array(words.dropFirst()), in: folder)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
        #expect(FileManager.default.fileExists(atPath: folder + "/leads.npy"))
        #expect(FileManager.default.fileExists(atPath: folder + "/ecg.dcm"))
        #expect(try NumpyArray(contentsOf: folder + "/leads.npy").shape == [12, 5_000])
        #expect(try NumpyArray(contentsOf: folder + "/embedding.npy").shape == [1, 128])
    }
}

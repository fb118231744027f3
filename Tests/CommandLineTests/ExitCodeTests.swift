import Foundation
import TestSupport
import Testing

@Suite struct ExitCodeTests {
    @Test func refusesWhatIsNoECG() throws {
        let outcome = try Tool.run("score", "README.md")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("README.md"))
        #expect(outcome.errors.contains("[unknown-format]"))
        #expect(!outcome.output.contains("risk"))
    }

    @Test func tellsAnAbsentFileApart() throws {
        let outcome = try Tool.run("inspect", "nowhere.hea")
        #expect(outcome.status == 66)
        #expect(outcome.errors.contains("nowhere.hea"))
    }

    @Test func refusesWrongUsage() throws {
        #expect(try Tool.run("score").status == 64)
        #expect(try Tool.run("score", "x.csv", "--units", "mmHg").status == 64)
        #expect(try Tool.run("nonsense").status == 64)
    }

    @Test(arguments: [
        "manifest.json", "scaler.json", "fusion-xgb.json", "st-mem.safetensors", "self-test.dat",
    ])
    func refusesADamagedBundleAndNamesTheFile(file: String) throws {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bundle = folder + "/bundle"
        try FileManager.default.copyItem(atPath: Repository.root + "/Bundles/demonstration", toPath: bundle)
        let path = "\(bundle)/\(file)"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 0x10
        try bytes.write(to: URL(fileURLWithPath: path))
        for command in [
            ["bundle", "verify", bundle], ["serve", "--listen", "127.0.0.1:0", "--bundle", bundle],
        ] {
            let outcome = try Tool.run(Tool.binary, command)
            #expect(outcome.status == 78, "\(command): \(outcome.errors)")
            #expect(outcome.errors.contains(file), "\(outcome.errors)")
        }
    }

    @Test func keepsTheProblemInItsPlaceAmongAnswers() throws {
        let outcome = try Tool.run("score", "--json", "README.md", "Demonstration/ecg/ptbxl00173.zip")
        #expect(outcome.status == 65)
        let answers = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
        try #require(answers.count == 2)
        #expect(answers[0]["type"] as? String == "urn:firstlead:problem:unknown-format")
        #expect(answers[0]["risk"] == nil)
        #expect(answers[1]["risk"] != nil)
    }

    @Test(arguments: [
        [], ["serve"], ["score"], ["embed"], ["inspect"], ["import"], ["simulate"], ["train"], ["bundle"],
        ["bundle", "verify"], ["bundle", "demonstration"],
    ])
    func explainsEveryCommandWithAnExample(command: [String]) throws {
        let outcome = try Tool.run(Tool.binary, command + ["--help"])
        #expect(outcome.status == 0)
        if !command.isEmpty { #expect(outcome.output.contains("Example:")) }
    }
}

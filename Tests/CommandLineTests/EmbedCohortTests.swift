import Bytes
import Foundation
import TestSupport
import Testing

/// `firstlead embed-cohort`, as the pods of a job would run it.
@Suite struct EmbedCohortTests {
    private func shard(_ index: Int, _ folder: TemporaryFolder, _ options: [String] = []) throws
        -> Tool.Outcome
    {
        try Tool.run(
            Tool.binary,
            [
                "embed-cohort", "--cohort", folder.path("cohort/cohort.csv"), "--bundle",
                "Bundles/demonstration",
            ]
                + [
                    "--cache", folder.path("cache"), "--output", folder.path("shards"), "--shard",
                    "\(index)/3",
                ]
                + options)
    }

    @Test func shardsTogetherAreTheCohort() throws {
        let folder = try TemporaryFolder()
        let simulated = try Tool.run(
            "simulate", "--output", folder.path("cohort"), "--records", "20", "--positives", "8")
        try #require(simulated.status == 0)
        for index in [2, 0, 1] {
            let outcome = try shard(index, folder, ["--libsvm"])
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(TemporaryFolder.files(below: folder.path("cache")).count == 2 * 20)
        var lines: [String] = []
        for index in 0..<3 {
            let part = folder.path("shards/part-0000\(index)-of-00003")
            let features = try NumpyArray(contentsOf: part + ".features.npy")
            let labels = try NumpyArray(contentsOf: part + ".labels.npy")
            let rows = try Tool.text(part + ".rows.csv").split(separator: "\n").dropFirst()
            #expect(features.shape == [rows.count, 256] && labels.shape == [rows.count])
            #expect(rows.map { $0.split(separator: ",")[1] == "1" } == labels.values.map { $0 == 1 })
            let svm = try Tool.text(part + ".libsvm").split(separator: "\n")
            for (row, line) in svm.enumerated() {
                let words = line.split(separator: " ")
                #expect(Double(words[0]) == labels.values[row])
                let values = words.dropFirst().map { $0.split(separator: ":") }
                #expect(values.map { Int($0[0]) } == Array(0..<256))
                #expect(values.map { Float($0[1]) } == features[row].map { Float($0) })
            }
            lines += rows.map { String($0.split(separator: ",")[0]) }
        }
        #expect(lines == (2...21).map(String.init))
        // What one shard wrote is what 'embed' says of the same ECG.
        let first = try Tool.run(
            "embed", folder.path("cohort/records/0/sim0000000.hea"), "--encoder", "st-mem", "--json")
        let values = try #require(try first.document[path: "0/values"]?.doubles)
        let stored = try NumpyArray(contentsOf: folder.path("shards/part-00000-of-00003.features.npy"))
        #expect(stored[0].prefix(128).map { Float($0) } == values.map { Float($0) })
    }

    @Test func leavesOutAndCounts() throws {
        let folder = try TemporaryFolder()
        try folder.copy("Demonstration/ecg/ptbxl00001.zip", to: "cohort/a")
        try folder.copy("Demonstration/ecg/ptbxl00050.zip", to: "cohort/b")
        try folder.write("no ECG", to: "cohort/c")
        try folder.write("path,label\na,0\nc,1\nb,1\nd,0", to: "cohort/cohort.csv")
        let refused = try shard(0, folder)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("line 5: there is no file d"))
        let outcomes = try (0..<3).map { try shard($0, folder, ["--exclude-unreadable", "--json"]) }
        #expect(outcomes.allSatisfy { $0.status == 0 })
        #expect(try outcomes.map { try $0.document[path: "records"]?.integer } == [1, 0, 1])
        #expect(try outcomes.map { try $0.document[path: "excluded"]?.integer } == [1, 1, 0])
        #expect(outcomes[0].errors.contains("missing-file"))
    }

    @Test(arguments: [["--shard", "3/3"], ["--libsvm"], ["--order", "st-mem"]])
    func refusesChoicesThatThereAreNot(options: [String]) throws {
        let outcome = try Tool.run(
            Tool.binary,
            ["embed-cohort", "--cohort", "x", "--bundle", "Bundles/demonstration"] + options)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(options[0]))
    }
}

import Bytes
import Encoders
import Scoring
import Tensor
import TestSupport
import Testing
import Training

/// What is wrong with a cohort is known, or left out, before anything is embedded.
@Suite struct CohortCheckTests {
    private static func encoders() throws -> [LoadedEncoder] {
        try EncoderID.allCases.map { id in
            try EncoderLoader.load(
                path: Repository.path("Bundles/demonstration/" + BundleWriter.weightsFile(id)), as: id)
        }
    }

    /// Nine rows: two files that are not there, two that are no ECG, one cut short, four that are sound.
    private static func table(in folder: TemporaryFolder) throws -> [UInt8] {
        let sound = ["ptbxl00001", "ptbxl00050", "ptbxl00173", "ptbxl00002"]
        for (index, name) in sound.enumerated() {
            try folder.copy("Demonstration/ecg/\(name).zip", to: "s\(index)")
        }
        try folder.write("no ECG", to: "n0")
        try folder.write("no ECG either", to: "n1")
        let bytes = try folder.bytes("s0")
        try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "cut")
        return Array("path,label\ns0,0\na0,1\nn0,1\ns1,1\ncut,0\ns2,0\na1,0\nn1,0\ns3,1".utf8)
    }

    @Test func goesOnWithoutWhatCannotBeReadAndCountsIt() throws {
        let folder = try TemporaryFolder()
        let table = try Self.table(in: folder)
        #expect(throws: CohortError.self) { try Cohort(csv: table, folder: folder.path) }
        let cohort = try Cohort(csv: table, folder: folder.path, excludingMissing: true)
        #expect(cohort.records.map(\.path) == ["s0", "n0", "s1", "cut", "s2", "n1", "s3"])
        // Two threads take turns; the order stays that of the table.
        let embedder = CohortEmbedder(encoders: try Self.encoders(), cache: nil, pool: WorkerPool(threads: 2))
        #expect(throws: TrainingError.self) { try embedder.checked(cohort) }
        let checked = try embedder.checked(cohort, excludingUnreadable: true)
        #expect(checked.cohort.records.map(\.line) == [2, 5, 7, 10])
        #expect(checked.cohort.positiveCount == 2)
        #expect(checked.contents == (try ["s0", "s1", "s2", "s3"].map { Digest(of: try folder.bytes($0)) }))
        let counts = checked.cohort.exclusionCounts
        #expect(counts.map(\.records).reduce(0, +) == 5 && counts.map(\.positives).reduce(0, +) == 2)
        #expect(counts.contains(Manifest.ExclusionEntry(reason: "missing-file", records: 2, positives: 1)))
        #expect(checked.cohort.exclusionFlow.first == "9 ECGs in the table, 4 positive")
        #expect(checked.cohort.exclusionFlow.last == "4 ECGs used, 2 positive")
        let embedded = try embedder.embed(checked)
        #expect(embedded.embeddings[.ecgFM]?.count == 4)
    }

    @Test func theSameBytesAreRefusedAllTheSame() throws {
        let folder = try TemporaryFolder()
        _ = try Self.table(in: folder)
        let table = "path,label\ns0,0\nn0,1\ncut,0\ns1,1\n"
        try folder.write(try folder.bytes("s1"), to: "again")
        let cohort = try Cohort(csv: Array((table + "again,0").utf8), folder: folder.path)
        let embedder = CohortEmbedder(encoders: try Self.encoders(), cache: nil, pool: WorkerPool(threads: 1))
        let error = #expect(throws: TrainingError.self) {
            try embedder.checked(cohort, excludingUnreadable: true)
        }
        guard case .records(let problems) = try #require(error) else {
            Issue.record("another error")
            return
        }
        #expect(problems.map(\.row) == [6])
        #expect(problems[0].refusal.code == "duplicate-content")
    }

    @Test func aFileThatChangedAfterTheCheckIsNotEmbedded() throws {
        let folder = try TemporaryFolder()
        _ = try Self.table(in: folder)
        let cohort = try Cohort(csv: Array("path,label\ns0,0\ns1,1".utf8), folder: folder.path)
        let embedder = CohortEmbedder(encoders: try Self.encoders(), cache: nil, pool: WorkerPool(threads: 1))
        let checked = try embedder.checked(cohort)
        try folder.write(try folder.bytes("s2"), to: "s1")
        let error = #expect(throws: TrainingError.self) { try embedder.embed(checked) }
        #expect(error?.message.contains("row 3, s1: ") == true)
        #expect(error?.message.contains("file-changed") == true)
    }

    @Test func namesPatientsWhoseRowsContradictEachOther() throws {
        let folder = try TemporaryFolder()
        for file in ["a", "b", "c", "d", "e"] { try folder.write(file, to: file) }
        let table = "path,label,patient,fold\na,0,p,1\nb,1,q,1\nc,1,p,1\nd,1,q,2\ne,0,r,3"
        let cohort = try Cohort(csv: Array(table.utf8), folder: folder.path)
        #expect(
            cohort.conflicts.map(\.message) == [
                "line 4: the patient of line 2 has the other label here",
                "line 5: the patient of line 3, there in fold 1, is in fold 2 here",
            ])
    }
}

@Suite struct CohortShardTests {
    @Test(arguments: ["", "1", "8/8", "-1/8", "0/0", "a/8", "1/8/2", "0/100001", "0/ 8"])
    func refuses(text: String) { #expect(CohortShard(text) == nil) }

    @Test(arguments: [(10, 3), (3, 8), (0, 2), (100_000, 7)])
    func shardsInOrderAreTheWhole(total: Int, count: Int) throws {
        let ranges = try (0..<count).map { try #require(CohortShard("\($0)/\(count)")).range(of: total) }
        #expect(ranges.flatMap { Array($0) } == Array(0..<total))
        let sizes = ranges.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        #expect(CohortShard("0/3")?.name == "part-00000-of-00003")
    }
}

@Suite struct RemainingTimeTests {
    @Test func takesThePaceOfTheLastMinute() throws {
        var remaining = RemainingTime()
        #expect(remaining.seconds(done: 0, total: 100, at: 0) == nil)
        // A thousand out of the cache in two seconds, then one a second.
        remaining.note(done: 0, seconds: 0)
        remaining.note(done: 1_000, seconds: 2)
        for second in 3...120 { remaining.note(done: 998 + second, seconds: Double(second)) }
        let left = try #require(remaining.seconds(done: 1_118, total: 1_618, at: 120))
        #expect(abs(left - 500) < 1)
    }

    @Test(arguments: [
        (5.0, "5 s"), (118.2, "119 s"), (119.2, "2 min"), (121, "3 min"), (3_600, "1 h 00 min"),
        (11_099, "3 h 05 min"),
    ])
    func isShownAsPeopleSayIt(seconds: Double, text: String) { #expect(RemainingTime.shown(seconds) == text) }
}

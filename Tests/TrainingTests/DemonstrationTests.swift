import Foundation
import Scoring
import Tensor
import TestSupport
import Testing
import Training

/// The bundle in the repository is what the commands in the repository make of the cohort in the repository.
@Suite struct DemonstrationTests {
    private static let committed = "Bundles/demonstration"

    @Test func isBuiltAgainByteForByte() throws {
        let cohort = try Cohort(contentsOf: Repository.path("Demonstration/cohort.csv"))
        let folder = try TemporaryFolder()
        // The committed bundle need not have been built on one thread: no number may depend on it.
        let bundle = try DemonstrationBundle(isPublishedSize: false, created: "2026-11-22T00:00:00Z").build(
            cohort, plan: TrainingPlan(), directory: folder.path, pool: WorkerPool(threads: 1))
        #expect(folder.files == TemporaryFolder.files(below: Repository.path(Self.committed)))
        // The manifest names the digests of all others: whatever differs, it does too, so it comes last.
        for name in folder.files.sorted(by: {
            ($0 == "manifest.json" ? 1 : 0, $0) < ($1 == "manifest.json" ? 1 : 0, $1)
        }) {
            let built = try folder.bytes(name)
            let expected = try Repository.bytes(Self.committed + "/" + name)
            let place = zip(built, expected).enumerated().first { $1.0 != $1.1 }?.offset
            try #require(
                built == expected,
                "\(name): \(built.count) bytes, committed are \(expected.count); first difference at \(place ?? -1)"
            )
        }
        let head = try #require(bundle.manifest.heads.first?.metrics)
        let patients = try Self.rows().map { $0[2] }
        let test = try CohortParts(of: cohort, plan: TrainingPlan()).split.test
        #expect(head.patients == Set(test.map { patients[$0] }).count)
        #expect(head.records == test.count)
        #expect(head.positives == test.count { cohort.records[$0].isPositive })
    }

    @Test func countsTheCohortAsTheTableDoes() throws {
        let manifest = try JSONSerialization.jsonObject(
            with: Data(Repository.bytes(Self.committed + "/manifest.json")))
        let counts = try #require((manifest as? [String: Any])?["cohort"] as? [String: Any])
        let rows = try Self.rows()
        #expect(counts["records"] as? Int == rows.count)
        #expect(counts["positives"] as? Int == rows.count { $0[1] == "1" })
        #expect(counts["patients"] as? Int == Set(rows.map { $0[2] }).count)
        let parts = try ["developmentRecords", "testRecords"].map { try #require(counts[$0] as? Int) }
        #expect(parts.reduce(0, +) == rows.count)
        #expect(parts[1] == Int((0.2 * Double(rows.count)).rounded(.up)))
    }

    @Test func splitsByPatient() throws {
        let cohort = try Cohort(contentsOf: Repository.path("Demonstration/cohort.csv"))
        let patients = try Self.rows().map { $0[2] }
        // Some patients have several ECGs, or the test would show nothing.
        #expect(Set(patients).count < patients.count)
        for seed in 1...20 as ClosedRange<UInt64> {
            let split = try CohortParts(of: cohort, plan: TrainingPlan(seed: seed)).split
            let development = Set(split.development.map { patients[$0] })
            let test = Set(split.test.map { patients[$0] })
            #expect(development.isDisjoint(with: test))
            #expect((split.development + split.test).sorted() == Array(patients.indices))
        }
    }

    /// Fields of each record, without any code of the product; no field is quoted.
    private static func rows() throws -> [[Substring]] {
        let text = String(decoding: try Repository.bytes("Demonstration/cohort.csv"), as: UTF8.self)
        try #require(!text.contains("\""))
        let lines = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        try #require(lines.first?.prefix(3) == ["path", "label", "patient"])
        return Array(lines.dropFirst())
    }
}

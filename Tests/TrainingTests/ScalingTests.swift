import Bytes
import ECG
import Encoders
import Foundation
import Risk
import Scoring
import Tensor
import TestSupport
import Testing
import Training

/// What the heads see is scaled by the development part alone.
@Suite struct ScalingTests {
    private static let records = 40

    /// Every fifth record is a test record.
    private static func isTest(_ index: Int) -> Bool { index % 5 == 0 }

    @Test(arguments: TrainingPlan.Scaling.allCases)
    func takesRangesFromTheDevelopmentPartOnly(scaling: TrainingPlan.Scaling) throws {
        let folder = try TemporaryFolder()
        let encoders = try Self.encoders(in: folder)
        let cache = EmbeddingCache(folder: folder.path("cache"))
        let cohort = try Self.cohort(in: folder)
        // No file of the cohort is an ECG: the embeddings must come from the cache, where they are made up.
        var rows: [EncoderID: [[Float]]] = [:]
        var generator = SplitMix64(seed: 5)
        for index in 0..<Self.records {
            let content = Digest(of: try folder.bytes("ecg/\(index)"))
            for encoder in encoders {
                let values = (0..<encoder.network.width).map { _ in
                    Float(generator.unit() - 0.5) * (Self.isTest(index) ? 1_000 : 1)
                }
                rows[encoder.id, default: []].append(values)
                try cache.store(Embedding(values), of: content, by: encoder.provenance)
            }
        }
        var plan = TrainingPlan()
        plan.scaling = scaling
        plan.testFold = 1
        plan.booster.rounds = 2
        plan.resamples = 100
        let bundle = try TrainingRun(
            plan: plan, identity: Self.identity, directory: folder.path("bundle"),
            pool: WorkerPool(threads: 1), cache: cache
        ).run(cohort, encoders: encoders) { _ in }

        for encoder in encoders {
            let scaler = try #require(bundle.scalers[encoder.id])
            let development = try #require(rows[encoder.id]).enumerated().filter { !Self.isTest($0.offset) }
            let columns = (0..<encoder.network.width).map { feature in
                development.map { $0.element[feature] }
            }
            let low = columns.map { $0.min() ?? .nan }
            let high = columns.map { $0.max() ?? .nan }
            switch scaling {
            case .perFeature:
                #expect(scaler.minimum == low)
                #expect(scaler.maximum == high)
            case .perEncoder:
                #expect(Set(scaler.minimum) == [low.min() ?? .nan])
                #expect(Set(scaler.maximum) == [high.max() ?? .nan])
            }
        }
        #expect(bundle.manifest.fusion.scaling == scaling.description)
        #expect(bundle.manifest.cohort.testRecords == Self.records / 5)
        #expect(bundle.manifest.cohort.split.contains("fold 1"))
    }

    /// The small encoders of the demonstration bundle, copied into a bundle's folder.
    private static func encoders(in folder: TemporaryFolder) throws -> [LoadedEncoder] {
        try EncoderID.allCases.map { id in
            let name = "bundle/" + BundleWriter.weightsFile(id)
            try folder.copy("Bundles/demonstration/" + BundleWriter.weightsFile(id), to: name)
            return try EncoderLoader.load(path: folder.path(name), as: id)
        }
    }

    private static func cohort(in folder: TemporaryFolder) throws -> Cohort {
        var lines = ["path,label,fold"]
        for index in 0..<records {
            try folder.write("content \(index)", to: "ecg/\(index)")
            lines.append("ecg/\(index),\(index % 3 == 0 ? 1 : 0),\(isTest(index) ? 1 : 2)")
        }
        return try Cohort(csv: Array(lines.joined(separator: "\n").utf8), folder: folder.path)
    }

    private static let identity = BundleIdentity(
        name: "test", kind: .site, created: "2026-01-01T00:00:00Z", intendedUse: "tests", target: "none",
        attributions: [], cohortName: "made up")
}

import Bytes
import TestSupport
import Testing

/// A baseline from its file through import and train to scores, on the command line.
@Suite(.serialized) struct BaselineServingTests {
    private static let state = "Tests/NetworksTests/Fixtures/resnet50-width2.pt"

    /// A folder with a simulated cohort, a baseline trained on it in `training`, and the encoders in `bundle`.
    private static func trainedBaseline(_ options: String...) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let simulated = try Tool.run(
            "simulate", "--output", folder.path("cohort"), "--records", "30", "--positives", "10", "--seed",
            "3")
        try #require(simulated.status == 0, "\(simulated.errors)")
        let trained = try Tool.run(
            Tool.binary,
            [
                "train-baseline", "--cohort", folder.path("cohort/cohort.csv"), "--output",
                folder.path("training"), "--width", "1", "--epochs", "1",
            ] + options)
        try #require(trained.status == 0, "\(trained.errors)")
        for encoder in ["st-mem", "ecg-fm"] {
            try folder.copy(
                "Bundles/demonstration/\(encoder).safetensors", to: "bundle/\(encoder).safetensors")
        }
        return folder
    }

    @Test func aTrainedBaselineIsBundledAndScored() throws {
        let folder = try Self.trainedBaseline("--batch", "15")
        let cohort = folder.path("cohort/cohort.csv")
        let bundled = try Tool.run(
            "train", "--cohort", cohort, "--bundle", folder.path("bundle"), "--cache", folder.path("cache"),
            "--rounds", "2",
            "--baseline", folder.path("training"))
        try #require(bundled.status == 0, "\(bundled.errors)")
        let card = String(decoding: try folder.bytes("bundle/MODEL_CARD.md"), as: UTF8.self)
        #expect(card.contains("## Baseline") && card.contains("trained on all ECGs of this cohort"))
        let verified = try Tool.run("bundle", "verify", folder.path("bundle"))
        #expect(verified.status == 0 && verified.output.contains("resnet50: trained, width 1"))
        #expect(!verified.output.contains("raw-mv/v1, AUROC"))

        let ecg = folder.path("cohort/records/0/sim0000005.hea")
        let answer = try Tool.run("score", ecg, "--bundle", folder.path("bundle"), "--json").document
        #expect(answer[path: "0/models/3/id"]?.string == "resnet50")
        #expect(answer[path: "0/risk/model"]?.string == "fusion-xgb")
        let baseline = answer[path: "0/provenance/baseline"]
        #expect(baseline?["flavour"]?.string == "trained")
        #expect(baseline?["cohortSha256"] == answer[path: "0/provenance/cohort/sha256"])
        let line = try Tool.run("score", ecg, "--bundle", folder.path("bundle"))
        #expect(line.output.contains("resnet50 0."))
    }

    /// Trained on the development part alone, the baseline has figures of the test part, measured as the heads' are.
    @Test func aBaselineThatHasNotSeenTheTestPartHasFigures() throws {
        let folder = try Self.trainedBaseline("--batch", "12", "--test-fraction", "0.3", "--split-seed", "4")
        let cohort = folder.path("cohort/cohort.csv")
        func bundle(seed: String) throws -> Tool.Outcome {
            try Tool.run(
                "train", "--cohort", cohort, "--bundle", folder.path("bundle"), "--cache",
                folder.path("cache"),
                "--rounds", "2", "--baseline", folder.path("training"), "--test-fraction", "0.3", "--seed",
                seed,
                "--json")
        }
        let outcome = try bundle(seed: "4")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let metrics = try outcome.document["baseline"]?["metrics"]
        let records = try #require(metrics?["records"]?.integer)
        #expect(try outcome.document[path: "models/0/metrics/records"]?.integer == records)
        let area = try #require(metrics?["auroc"]?["value"]?.double)
        #expect(area >= 0 && area <= 1)
        let card = String(decoding: try folder.bytes("bundle/MODEL_CARD.md"), as: UTF8.self)
        #expect(card.contains("trained on the development part of this cohort"))
        #expect(card.contains("On the test part, which it has not learnt from: AUROC "))
        let verified = try Tool.run("bundle", "verify", folder.path("bundle"))
        #expect(verified.output.contains("resnet50: trained, width 1") && verified.output.contains("AUCPR"))
        // Drawn with another seed, the test part has records that the baseline has learnt from.
        let other = try bundle(seed: "5")
        #expect(try other.document["baseline"]?["metrics"]?.isNull == true)
        let without = String(decoding: try folder.bytes("bundle/MODEL_CARD.md"), as: UTF8.self)
        #expect(without.contains("trained on other records"))
    }

    @Test func importsAStateDictionaryAndRefusesOthers() throws {
        let folder = try TemporaryFolder()
        let output = folder.path("out.safetensors")
        let imported = try Tool.run(
            "import", "resnet50", Self.state, "--output", output, "--licence", "CC0-1.0", "--json")
        try #require(imported.status == 0, "\(imported.errors)")
        #expect(try imported.document[path: "baseline/licence"]?.string == "CC0-1.0")
        #expect(try imported.document[path: "baseline/width"]?.integer == 2)
        let again = try Tool.run("import", "resnet50", output, "--output", folder.path("again"))
        #expect(again.status == 0, "\(again.errors)")
        #expect(try folder.bytes("again") == folder.bytes("out.safetensors"))
        for (file, status) in [
            ("Tests/CheckpointTests/Fixtures/stmem_tiny_encoder.pth", 65), ("LICENSE", 65),
            ("nowhere.pt", 66),
        ] {
            let outcome = try Tool.run("import", "resnet50", file, "--output", folder.path("none"))
            #expect(outcome.status == Int32(status), "\(file): \(outcome.errors)")
        }
        #expect(folder.files == ["again", "out.safetensors"])
    }
}

import Bytes
import Foundation
import TestSupport
import Testing

/// From a site's cohort to a served bundle, command after command.
@Suite struct CohortWorkflowTests {
    private func succeed(_ arguments: [String]) throws -> Tool.Outcome {
        let outcome = try Tool.run(Tool.binary, arguments)
        try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    /// Every ECG is embedded once, in two shards; all later commands find it in the cache.
    @Test func embedsEvaluatesTrainsVerifiesAndServes() throws {
        let folder = try TemporaryFolder()
        _ = try succeed([
            "simulate", "--output", folder.path("cohort"), "--records", "60", "--positives", "24", "--seed",
            "8",
        ])
        for encoder in ["st-mem", "ecg-fm"] {
            try folder.copy("Bundles/demonstration/\(encoder).safetensors", to: "site/\(encoder).safetensors")
        }
        let common = [
            "--cohort", folder.path("cohort/cohort.csv"), "--bundle", folder.path("site"), "--cache",
            folder.path("cache"),
        ]
        for shard in ["0/2", "1/2"] { _ = try succeed(["embed-cohort", "--shard", shard] + common) }
        let embeddings = TemporaryFolder.files(below: folder.path("cache"))
        #expect(embeddings.count == 2 * 60)

        let evaluated = try succeed(
            [
                "evaluate", "--output", folder.path("report"), "--reshuffles", "2", "--rounds", "4",
                "--methods", "paper",
            ]
                + ["--group", "patient"] + common)
        #expect(evaluated.output.contains("Fusion ") && evaluated.output.contains("±"))
        #expect(String(decoding: try folder.bytes("report/report.html"), as: UTF8.self).contains("</html>"))

        let trained = try succeed(["train", "--rounds", "4", "--members", "2"] + common)
        #expect(trained.output.contains("written and verified"))
        // Nothing was embedded anew: no file is younger or other than those of the shards.
        #expect(TemporaryFolder.files(below: folder.path("cache")) == embeddings)
        let verified = try succeed(["bundle", "verify", folder.path("site")])
        #expect(verified.output.contains("self-test reproduced"))

        let ecg = folder.path("cohort/records/0/sim0000007.hea")
        let scored = try succeed(["score", ecg, "--bundle", folder.path("site"), "--json"]).document
        let server = try RunningServer(["--bundle", folder.path("site")])
        let signals = ecg.replacing(".hea", with: ".dat")
        let posted = try Tool.run(
            "/usr/bin/curl",
            ["--silent", "-F", "file=@\(ecg)", "-F", "file=@\(signals)", "\(server.address)/v1/assessments"]
        ).document
        for member in ["risk", "models", "warnings", "input", "provenance"] {
            #expect(posted[member] != nil && posted[member] == scored[path: "0/\(member)"], "\(member)")
        }
        #expect(posted[path: "risk/ensemble/members"]?.integer == 2)
        #expect(posted[path: "risk/calibration"]?.string == "logistic")
        #expect(server.stop() == 0)
    }
}

/// Boosters that XGBoost trained elsewhere on the files of `embed-cohort` (generate_foreign_booster.py).
@Suite struct ForeignBoosterTests {
    private static let fixtures = "Tests/TrainingTests/Fixtures"
    private static let file = Repository.path("\(fixtures)/foreign-booster.ubj")

    private func prepare(_ folder: TemporaryFolder) throws {
        let simulated = try Tool.run(
            "simulate", "--output", folder.path("held"), "--records", "60", "--positives", "20", "--seed", "6"
        )
        try #require(simulated.status == 0, "\(simulated.errors)")
        for encoder in ["st-mem", "ecg-fm"] {
            try folder.copy("Bundles/demonstration/\(encoder).safetensors", to: "site/\(encoder).safetensors")
        }
    }

    private func train(_ folder: TemporaryFolder, _ options: [String]) throws -> Tool.Outcome {
        try Tool.run(
            Tool.binary,
            ["train", "--cohort", folder.path("held/cohort.csv"), "--bundle", folder.path("site")]
                + ["--cache", folder.path("cache")] + options)
    }

    @Test func areServedWithTheMarginsThatXGBoostPredicts() throws {
        let folder = try TemporaryFolder()
        try prepare(folder)
        let trained = try train(folder, ["--booster", "fusion-xgb=\(Self.file)"])
        try #require(trained.status == 0, "\(trained.errors)")
        #expect(trained.errors.contains("fusion-xgb was trained elsewhere"))
        let manifest = try JSONValue.parse(folder.bytes("site/manifest.json"))
        #expect(manifest["heads"]?.elements?.count == 1)
        #expect(manifest[path: "heads/0/origin/xgboost"]?.string == "3.2.0")
        #expect(manifest[path: "heads/0/origin/format"]?.string == "ubj")
        let digest = Digest(of: try Repository.bytes("\(Self.fixtures)/foreign-booster.ubj")).hexadecimal
        #expect(manifest[path: "heads/0/origin/sha256"]?.string == digest)
        #expect(manifest[path: "heads/0/hyperparameters/num_boost_round"]?.integer == 15)
        #expect(manifest[path: "heads/0/calibration/folds"]?.integer == 0)
        #expect(manifest[path: "fusion/isScaled"]?.bool == false)
        let card = String(decoding: try folder.bytes("site/MODEL_CARD.md"), as: UTF8.self)
        #expect(card.contains("trained elsewhere by XGBoost 3.2.0, SHA-256 `\(digest)`"))

        let expected = try JSONValue.parse(Repository.bytes("\(Self.fixtures)/foreign-margins.json"))
        let margins = try #require(expected["margins"]?.doubles)
        #expect(margins.count == 60)
        let files = (0..<60).map { folder.path("held/records/0/sim00000\($0 < 10 ? "0" : "")\($0).hea") }
        let scored = try Tool.run(
            Tool.binary, ["score"] + files + ["--bundle", folder.path("site"), "--json"])
        let answers = try #require(try scored.document.elements)
        let served = answers.compactMap { $0[path: "models/0/margin"]?.double.map { Float($0) } }
        #expect(served == margins.map { Float($0) })
        // The ranges of this cohort are kept for warnings, although nothing is scaled: most of its own ECGs are within them.
        let outside = answers.count { answer in
            answer["warnings"]?.elements?.contains { $0["code"]?.string == "OUT_OF_RANGE" } == true
        }
        #expect(outside < 30)

        try refuses(folder)
    }

    /// Each of these ends before the bundle that is there is touched.
    private func refuses(_ folder: TemporaryFolder) throws {
        let before = try folder.bytes("site/manifest.json")
        let width = try train(
            folder, ["--booster", "fusion-xgb=\(Self.file)", "--booster", "st-mem-xgb=\(Self.file)"])
        #expect(
            width.status == 65
                && width.errors.contains("it reads 256 features; the encoders of its head give 128"))
        let bytes = try Repository.bytes("Tests/RiskTests/Fixtures/booster-3.2.0.json")
        let text = String(decoding: bytes, as: UTF8.self)
        for (find, replacement, place) in [
            ("binary:logistic", "reg:squarederror", "/learner/objective/name"),
            ("\"version\":[3,", "\"version\":[4,", "/version"),
        ] {
            let changed = text.replacing(find, with: replacement)
            #expect(changed != text)
            try folder.write(changed, to: "other.json")
            let outcome = try train(folder, ["--booster", "fusion-xgb=\(folder.path("other.json"))"])
            #expect(outcome.status == 65 && outcome.errors.contains(place), "\(outcome.errors)")
            #expect(outcome.errors.contains("other.json"))
        }
        #expect(try train(folder, ["--booster", "fusion-xgb=nowhere.ubj"]).status == 66)
        for wrong in [
            ["--booster", Self.file], ["--booster", "st-mem-xgb=\(Self.file)"],
            ["--booster", "other=\(Self.file)"],
            ["--booster", "fusion-xgb=\(Self.file)", "--members", "10"],
            ["--booster", "fusion-xgb=\(Self.file)", "--scaling", "per-encoder"],
        ] { #expect(try train(folder, wrong).status == 64, "\(wrong)") }
        #expect(try folder.bytes("site/manifest.json") == before)
    }
}

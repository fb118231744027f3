import Bytes
import Foundation
import TestSupport
import Testing

/// `firstlead simulate` and `firstlead train`, as a site would use them.
@Suite(.serialized) struct TrainTests {
    private static let created = ["--created", "2026-01-31T12:00:00Z"]
    private static let encoders = ["st-mem", "ecg-fm"]
    private static let heads = ["fusion-xgb", "st-mem-xgb", "ecg-fm-xgb"]
    private static let bundleFiles = files(members: 0)

    /// What a bundle holds whose heads have so many members.
    private static func files(members: Int) -> [String] {
        let boosters = heads.flatMap { head in
            ["\(head).json"] + (0..<members).map { "\(head).member-\($0).json" }
        }
        return
            (boosters + encoders.map { "\($0).safetensors" }
            + ["MODEL_CARD.md", "manifest.json", "scaler.json", "self-test.dat", "self-test.hea"]).sorted()
    }

    private func simulate(_ folder: TemporaryFolder, _ name: String, seed: Int, records: Int = 120) throws {
        let outcome = try Tool.run(
            "simulate", "--output", folder.path(name), "--records", "\(records)", "--positives",
            "\(records / 3)", "--seed", "\(seed)")
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// Puts the small encoders where `import` would have put a site's.
    private func placeEncoders(_ folder: TemporaryFolder, _ bundle: String) throws {
        for encoder in Self.encoders {
            try folder.copy(
                "Bundles/demonstration/\(encoder).safetensors", to: "\(bundle)/\(encoder).safetensors")
        }
    }

    private func train(
        _ folder: TemporaryFolder, _ bundle: String, _ options: [String] = []
    ) throws -> Tool.Outcome {
        try Tool.run(
            Tool.binary,
            ["train", "--cohort", folder.path("cohort/cohort.csv"), "--bundle", folder.path(bundle)]
                + ["--cache", folder.path("cache"), "--rounds", "5"] + Self.created
                + (options.contains("--members") ? [] : ["--members", "0"]) + options)
    }

    private func contents(_ folder: TemporaryFolder, _ name: String) throws -> [String: [UInt8]] {
        let names = TemporaryFolder.files(below: folder.path(name))
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try folder.bytes("\(name)/\($0)")) })
    }

    @Test func simulatesTheSameCohortFromASeed() throws {
        let folder = try TemporaryFolder()
        for (name, seed) in [("one", 3), ("two", 3), ("other", 4)] {
            try simulate(folder, name, seed: seed, records: 30)
        }
        let one = try contents(folder, "one")
        #expect(try one == contents(folder, "two"))
        #expect(try one != contents(folder, "other"))
        #expect(one.count == 2 * 30 + 1)
        let lines = String(decoding: one["cohort.csv"] ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines[0] == "path,label,patient,age,sex,site")
        let rows = lines.dropFirst().map { $0.split(separator: ",") }
        #expect(rows.count == 30 && rows.count { $0[1] == "1" } == 10)
        for row in rows {
            let inspected = try #require(one[String(row[0])])
            #expect(String(decoding: inspected, as: UTF8.self).contains("Simulated"))
        }
        let answer = try Tool.run("inspect", folder.path("one/\(rows[0][0])"), "--json")
        #expect(try answer.document[path: "0/scorable"]?.bool == true)
    }

    @Test func tellsHowToImportWeightsThatAreNotThere() throws {
        let folder = try TemporaryFolder()
        try simulate(folder, "cohort", seed: 3, records: 30)
        let none = try train(folder, "bundle")
        #expect(none.status == 78)
        #expect(
            none.errors.contains(
                "firstlead import st-mem FILE --output \(folder.path("bundle"))/st-mem.safetensors"))
        try folder.copy("Bundles/demonstration/st-mem.safetensors", to: "bundle/st-mem.safetensors")
        let one = try train(folder, "bundle")
        #expect(one.status == 78)
        #expect(one.errors.contains("firstlead import ecg-fm"))
        #expect(TemporaryFolder.files(below: folder.path("bundle")) == ["st-mem.safetensors"])
    }

    @Test func trainsABundleThatIsServedAndTrainsItAgainFromTheCache() throws {
        let folder = try TemporaryFolder()
        try simulate(folder, "cohort", seed: 3)
        try placeEncoders(folder, "bundle")
        let first = try train(folder, "bundle", ["--target", "ischaemia of a simulation", "--members", "4"])
        try #require(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("120 ECGs") && first.output.contains("40 positive"))
        #expect(TemporaryFolder.files(below: folder.path("bundle")) == Self.files(members: 4))
        let verified = try Tool.run("bundle", "verify", folder.path("bundle"), "--json")
        try #require(verified.status == 0, "\(verified.errors)")
        #expect(try verified.document[path: "cohort/records"]?.integer == 120)

        let scored = try Tool.run(
            "score", folder.path("cohort/records/0/sim0000000.hea"), "--bundle", folder.path("bundle"),
            "--json")
        try #require(scored.status == 0, "\(scored.errors)")
        let answer = try #require(try scored.document[path: "0"])
        #expect(answer[path: "provenance/bundle/kind"]?.string == "demonstration")
        #expect(answer[path: "provenance/bundle/name"]?.string == "bundle")
        #expect(answer[path: "provenance/bundle/created"]?.string == Self.created[1])
        let manifestDigest = Digest(of: try folder.bytes("bundle/manifest.json")).hexadecimal
        #expect(answer[path: "provenance/bundle/sha256"]?.string == manifestDigest)
        #expect(answer[path: "provenance/encoders/0/flavour"]?.string == "seeded")
        #expect(answer[path: "provenance/encoders/1/flavour"]?.string == "seeded")
        #expect(answer[path: "risk/target"]?.string == "ischaemia of a simulation")
        #expect(answer[path: "notForClinicalUse"]?.bool == true)
        let manifest = try JSONValue.parse(folder.bytes("bundle/manifest.json"))
        try checkRun(folder, manifest)
        try checkCalibration(of: answer, manifest)
        try checkAbstention(of: answer, manifest)
        try again(folder)
    }

    /// The manifest has the command line that was run, and what it was run with; the card is filled from it.
    private func checkRun(_ folder: TemporaryFolder, _ manifest: JSONValue) throws {
        let run = try #require(manifest["run"])
        let words = try #require(run["command"]?.strings)
        #expect(words.prefix(3) == ["firstlead", "train", "--cohort"])
        #expect(words.contains(folder.path("cohort/cohort.csv")))
        #expect(words.suffix(4) == ["--target", "ischaemia of a simulation", "--members", "4"])
        #expect(run["xgboost"]?.string?.split(separator: ".").count == 3)
        #expect(run["swift"]?.string?.hasPrefix("6.") == true)
        #expect(run["operatingSystem"]?.string?.isEmpty == false)
        let card = String(decoding: try folder.bytes("bundle/MODEL_CARD.md"), as: UTF8.self)
        for text in [
            "--target 'ischaemia of a simulation' --members 4\n", "## Abstention", "BMJ 2024;385:e078378",
            "| development | 96 |",
        ] { #expect(card.contains(text), "\(text)") }
    }

    /// Every head quotes its members' spread, and abstains where it is above the manifest's threshold.
    private func checkAbstention(of answer: JSONValue, _ manifest: JSONValue) throws {
        #expect(answer[path: "risk/ensemble"] == answer[path: "models/0/ensemble"])
        for (place, head) in Self.heads.enumerated() {
            let said = try #require(answer[path: "models/\(place)/ensemble"])
            let entry = try #require(manifest[path: "heads/\(place)/ensemble"])
            #expect(entry["files"]?.strings == (0..<4).map { "\(head).member-\($0).json" })
            #expect(said["members"]?.integer == 4)
            let spread = try #require(said["spread"]?.double)
            let limit = try #require(entry[path: "abstention/spread"]?.double)
            #expect(spread > 0 && said["abstains"]?.bool == (spread > limit))
            #expect(said["abstainsAboveSpread"]?.double == limit)
            #expect(said[path: "errorRateOfAll/value"] == entry[path: "abstention/errorRateOfAll/value"])
            #expect(entry[path: "abstention/records"] == manifest[path: "cohort/developmentRecords"])
            let curve = try #require(entry[path: "abstention/curve"]?.elements)
            let coverages = curve.compactMap { $0["coverage"]?.double }
            #expect(coverages == coverages.sorted() && coverages.last == 1 && coverages.count > 10)
            #expect(curve.contains { $0["spread"]?.double == limit })
            #expect(manifest[path: "selfTest/spreads/\(head)"]?.double ?? 0 > 0)
        }
        let warnings = answer["warnings"]?.elements?.compactMap { $0["code"]?.string } ?? []
        #expect(warnings.contains("ABSTAINS") == (answer[path: "risk/ensemble/abstains"]?.bool == true))
    }

    /// The answer's probability is what the manifest makes of the margin, and each point is quoted from it.
    private func checkCalibration(of answer: JSONValue, _ manifest: JSONValue) throws {
        let head = try #require(manifest[path: "heads/0"])
        let intercept = try #require(head[path: "calibration/intercept"]?.double)
        let slope = try #require(head[path: "calibration/slope"]?.double)
        let margin = try #require(answer[path: "models/0/margin"]?.double)
        let probability = try #require(answer[path: "risk/probability"]?.double)
        #expect(answer[path: "risk/calibration"]?.string == "logistic")
        #expect(abs(probability - 1 / (1 + exp(-(intercept + slope * margin)))) < 1e-6)
        let points = try #require(answer[path: "risk/operatingPoints"]?.elements)
        #expect(points.map { $0["name"]?.string } == ["spec95", "sens95", "youden"])
        for (place, point) in points.enumerated() {
            let stored = try #require(head[path: "operatingPoints/\(place)"])
            let threshold = try #require(point["threshold"]?.double)
            #expect(stored["threshold"]?.double == threshold)
            #expect(point["isReached"]?.bool == (probability >= threshold))
            #expect(point[path: "sensitivity/low"] == stored[path: "sensitivity/low"])
            #expect(point["records"] == manifest[path: "cohort/testRecords"])
        }
    }

    /// A second run takes the embeddings from the cache and writes the same bytes; a third shows that it does.
    private func again(_ folder: TemporaryFolder) throws {
        let cached = TemporaryFolder.files(below: folder.path("cache"))
        #expect(cached.count == 2 * 120)
        let bundle = try contents(folder, "bundle")
        let target = ["--target", "ischaemia of a simulation"]
        let second = try train(folder, "bundle", target + ["--members", "4"])
        try #require(second.status == 0, "\(second.errors)")
        let rewritten = try contents(folder, "bundle")
        for name in Self.files(members: 4) { #expect(rewritten[name] == bundle[name], "\(name)") }

        // Every ECG now has the same ST-MEM embedding in the cache, which no computation would give.
        let values = [Float](repeating: 2.5, count: 128).flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        let digest = Array(Digest(of: values).hexadecimal.utf8)
        for file in cached where file.hasPrefix("st-mem-") {
            let bytes = try folder.bytes("cache/" + file)
            let header = Array(bytes.dropLast(values.count))
            let place = try #require(header.firstRange(of: Array("\"sha256\":\"".utf8))?.upperBound)
            let altered = header[..<place] + digest + header[(place + digest.count)...]
            try folder.write(altered + values, to: "cache/" + file)
        }
        let third = try train(folder, "bundle", target)
        try #require(third.status == 0, "\(third.errors)")
        // Without an ensemble, those of the runs before are gone.
        #expect(TemporaryFolder.files(below: folder.path("bundle")) == Self.bundleFiles)
        let scaler = try JSONValue.parse(folder.bytes("bundle/scaler.json"))
        #expect(scaler[path: "st-mem/minimum"]?.doubles == [Double](repeating: 2.5, count: 128))
        #expect(scaler[path: "st-mem/maximum"]?.doubles == [Double](repeating: 2.5, count: 128))
        #expect(try folder.bytes("bundle/ecg-fm-xgb.json") == bundle["ecg-fm-xgb.json"])
    }

    @Test func refusesAFolderWithOtherFiles() throws {
        let folder = try TemporaryFolder()
        try simulate(folder, "cohort", seed: 3, records: 30)
        try placeEncoders(folder, "bundle")
        try folder.write("mine", to: "bundle/notes.txt")
        let outcome = try train(folder, "bundle")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("bundle/notes.txt"))
        #expect(
            TemporaryFolder.files(below: folder.path("bundle"))
                == ["ecg-fm.safetensors", "notes.txt", "st-mem.safetensors"])
        // It was found before any work was done.
        #expect(TemporaryFolder.files(below: folder.path("cache")).isEmpty)
    }

    @Test func recordsEveryChoice() throws {
        let folder = try TemporaryFolder()
        try simulate(folder, "cohort", seed: 3, records: 60)
        try placeEncoders(folder, "bundle")
        try placeEncoders(folder, "usual")
        let options = [
            "--order", "ecg-fm,st-mem", "--scaling", "per-encoder", "--crops", "3", "--test-fraction", "0.3",
            "--seed", "9", "--name", "North",
        ]
        let trained = try train(folder, "bundle", options + ["--json"])
        try #require(trained.status == 0, "\(trained.errors)")
        let manifest = try JSONValue.parse(folder.bytes("bundle/manifest.json"))
        #expect(manifest["name"]?.string == "North")
        #expect(manifest["created"]?.string == Self.created[1])
        #expect(manifest[path: "fusion/order"]?.strings == ["ecg-fm", "st-mem"])
        #expect(
            manifest[path: "fusion/scaling"]?.string
                == "min-max over all features of an encoder, development set")
        #expect(manifest[path: "heads/0/features"]?.strings == ["ecg-fm", "st-mem"])
        #expect(manifest[path: "heads/0/hyperparameters/num_boost_round"]?.integer == 5)
        #expect(manifest[path: "heads/0/hyperparameters/seed"]?.integer == 9)
        #expect(manifest[path: "cohort/seed"]?.integer == 9)
        #expect(abs((manifest[path: "cohort/testRecords"]?.integer ?? 0) - 18) <= 1)
        let booster = try JSONValue.parse(folder.bytes("bundle/fusion-xgb.json"))
        let parameters = "learner/gradient_booster/model/gbtree_model_param"
        #expect(booster[path: parameters + "/num_trees"]?.string == "5")
        let scaler = try JSONValue.parse(folder.bytes("bundle/scaler.json"))
        for encoder in Self.encoders {
            #expect(Set(scaler[path: encoder + "/minimum"]?.doubles ?? []).count == 1)
        }

        let usual = try train(folder, "usual")
        try #require(usual.status == 0, "\(usual.errors)")
        // ECG-FM's recipe has no crops: its embeddings are those of the first run; ST-MEM's are new.
        #expect(TemporaryFolder.files(below: folder.path("cache")).count == 3 * 60)
        try compare(folder)
        let ecg = folder.path("cohort/records/0/sim0000005.hea")
        let answers = try ["bundle", "usual"].map { bundle in
            try Tool.run("score", ecg, "--bundle", folder.path(bundle), "--json").document
        }
        let three = try #require(answers[0][path: "0/provenance/encoders/1/preprocessingId"]?.string)
        let centre = try #require(answers[1][path: "0/provenance/encoders/0/preprocessingId"]?.string)
        #expect(three.hasPrefix("st-mem/") && three.contains("9s-three"))
        #expect(centre == three.replacingOccurrences(of: "9s-three", with: "9s-centre"))
        #expect(answers[0][path: "0/models/0/features"]?.strings == ["ecg-fm", "st-mem"])
        #expect(answers[0][path: "0/provenance/encoders/0/id"]?.string == "ecg-fm")
        #expect(answers[1][path: "0/models/0/features"]?.strings == ["st-mem", "ecg-fm"])
    }

    /// What was chosen otherwise is what `bundle diff` finds.
    private func compare(_ folder: TemporaryFolder) throws {
        let bundles = [folder.path("bundle"), folder.path("usual")]
        let same = try Tool.run("bundle", "diff", bundles[0], bundles[0])
        #expect(same.status == 0 && same.output.hasPrefix("equal: 'North'"))
        let text = try Tool.run("bundle", "diff", bundles[0], bundles[1])
        #expect(text.status == 1 && text.errors.isEmpty)
        #expect(text.output.contains("  heads/fusion-xgb/hyperparameters/seed: 9 | 1\n"))
        let json = try Tool.run("bundle", "diff", bundles[0], bundles[1], "--json")
        #expect(json.status == 1)
        #expect(try json.document["equal"]?.bool == false)
        let places = try #require(try json.document["differences"]?.elements).compactMap {
            $0["place"]?.string
        }
        for place in ["name", "fusion/order", "fusion/scaling", "cohort/seed", "files/scaler.json/sha256"] {
            #expect(places.contains(place))
        }
        #expect(!places.contains("target"))
        let unsound = try Tool.run("bundle", "diff", bundles[0], folder.path("cohort"))
        #expect(unsound.status == 78 && unsound.errors.contains("cohort/manifest.json"))
    }

    @Test func listsEveryProblemOfTheCohortAtOnce() throws {
        let folder = try TemporaryFolder()
        try placeEncoders(folder, "bundle")
        let absent = try train(folder, "bundle")
        #expect(absent.status == 66)
        #expect(absent.errors.contains("cohort.csv cannot be read"))
        try folder.write("path,label\nnowhere.hea,1\ncohort.csv,2\nthere.hea,0\n", to: "cohort/cohort.csv")
        let outcome = try train(folder, "bundle")
        #expect(outcome.status == 65)
        for text in ["line 2: there is no file nowhere.hea", "line 3: expected the label", "line 4: "] {
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
        try folder.write("no ECG", to: "cohort/a.csv")
        try folder.write("path,label\na.csv,1\ncohort.csv,0\n", to: "cohort/cohort.csv")
        let unreadable = try train(folder, "bundle")
        #expect(unreadable.status == 65)
        #expect(
            unreadable.errors.contains("row 2, a.csv: ") && unreadable.errors.contains("row 3, cohort.csv: "))
        #expect(TemporaryFolder.files(below: folder.path("bundle")).count == 2)
    }

    @Test func saysThatItCannotWrite() throws {
        let folder = try TemporaryFolder()
        try simulate(folder, "cohort", seed: 3, records: 30)
        try placeEncoders(folder, "bundle")
        try folder.write("a file where a folder should be", to: "cache")
        let outcome = try train(folder, "bundle")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains(folder.path("cache")))
        #expect(!outcome.errors.contains("row "))
        #expect(TemporaryFolder.files(below: folder.path("bundle")).count == 2)
    }

    @Test(arguments: [
        ["--order", "st-mem"], ["--order", "st-mem,st-mem"], ["--scaling", "none"], ["--crops", "2"],
        ["--rounds", "0"], ["--members", "1"], ["--test-fraction", "0.9"], ["--created", "yesterday"],
    ])
    func refusesChoicesThatThereAreNot(options: [String]) throws {
        let outcome = try Tool.run(
            Tool.binary, ["train", "--cohort", "Demonstration/cohort.csv", "--bundle", "nowhere"] + options)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(options[0]))
    }
}

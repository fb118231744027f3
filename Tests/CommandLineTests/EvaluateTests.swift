import Bytes
import Foundation
import TestSupport
import Testing

/// `firstlead evaluate`, as a site would use it.
@Suite struct EvaluateTests {
    private static let quick = ["--reshuffles", "3", "--rounds", "5"]

    private func evaluate(
        _ folder: TemporaryFolder, _ output: String, _ options: [String]
    ) throws -> Tool.Outcome {
        try Tool.run(
            Tool.binary,
            ["evaluate", "--cohort", folder.path("cohort.csv"), "--bundle", "Bundles/demonstration"]
                + ["--output", folder.path(output), "--cache", folder.path("cache")] + Self.quick + options)
    }

    /// Some of the demonstration's ECGs, among them a patient with several.
    private func placeCohort(in folder: TemporaryFolder) throws {
        let text = String(decoding: try Repository.bytes("Demonstration/cohort.csv"), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        let patients = Dictionary(grouping: lines.dropFirst()) { $0.split(separator: ",")[2] }
        let repeated = patients.values.filter { $0.count > 1 }.flatMap { $0 }.sorted().prefix(12)
        let others = lines.dropFirst().filter { !repeated.contains($0) }
        let isPositive = { (line: String) in line.split(separator: ",")[1] == "1" }
        let rest = others.filter(isPositive).prefix(16) + others.filter { !isPositive($0) }.prefix(32)
        let rows = (repeated + rest).map { Repository.path("Demonstration/") + $0 }
        try folder.write(([lines[0]] + rows).joined(separator: "\n"), to: "cohort.csv")
    }

    private func rows(_ folder: TemporaryFolder, _ name: String) throws -> [[String]] {
        String(decoding: try folder.bytes(name), as: UTF8.self).split(separator: "\n").dropFirst().map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// The share of pairs that are ordered rightly, counted one by one.
    private func areaUnderROC(_ scored: [(score: Double, isPositive: Bool)]) -> Double {
        let positives = scored.filter(\.isPositive)
        let negatives = scored.filter { !$0.isPositive }
        let wins = positives.flatMap { positive in
            negatives.map { positive.score > $0.score ? 1 : positive.score == $0.score ? 0.5 : 0 }
        }
        return wins.reduce(0, +) / Double(wins.count)
    }

    /// The paper's first row, by the experiment's own splits; what was trained is not trained again.
    @Test func addsTheBaselineWhenAsked() throws {
        let folder = try TemporaryFolder()
        try placeCohort(in: folder)
        let options = [
            "--group", "record", "--methods", "paper", "--baseline-epochs", "2", "--baseline-width", "1",
            "--baseline-batch", "24",
        ]
        let first = try evaluate(folder, "one", options)
        try #require(first.status == 0, "\(first.errors)")
        let row = try #require(first.output.split(separator: "\n").first { $0.hasPrefix("Baseline") })
        #expect(row.contains("±") && row.contains("0.701"))
        let scores = try rows(folder, "one/scores.csv")
        let reshuffles = try rows(folder, "one/reshuffles.csv").filter { $0[2] == "resnet50" }
        let report = try JSONValue.parse(folder.bytes("one/evaluation.json"))
        #expect(report[path: "groupings/0/methods/0/id"]?.string == "resnet50")
        #expect(report[path: "baseline/losses"]?.elements?.count == reshuffles.count)
        #expect(report[path: "baseline/losses/0"]?.doubles?.count == 2)
        for reshuffle in reshuffles {
            let tested = scores.filter { $0[1] == reshuffle[1] }
            let area = areaUnderROC(
                tested.map { (score: Double($0[4]) ?? .nan, isPositive: $0[3] == "1") })
            #expect(abs(area - (Double(reshuffle[5]) ?? .nan)) < 1e-9)
        }
        let page = String(decoding: try folder.bytes("one/report.html"), as: UTF8.self)
        #expect(page.contains("Baseline: loss"))
        // Only scores are left; with them a second run trains nothing and writes the same.
        let kept = TemporaryFolder.files(below: folder.path("one/baseline"))
        #expect(kept.count == reshuffles.count && kept.allSatisfy { $0.hasSuffix(".scores") })
        let again = try evaluate(folder, "one", options)
        #expect(!again.errors.contains("epoch"))
        #expect(again.output == first.output)
    }

    @Test func reportsBothGroupingsWherePatientsRepeatAndRepeatsItself() throws {
        let folder = try TemporaryFolder()
        try placeCohort(in: folder)
        let first = try evaluate(folder, "one", ["--site-prevalence", "0.05"])
        try #require(first.status == 0, "\(first.errors)")
        #expect(
            first.output.contains("Baseline            -               -               0.701         0.471"))
        #expect(first.output.contains("has the highest mean AUROC"))
        // No p value is nothing.
        #expect(first.output.contains(", p ") && !first.output.contains("p 0.000"))
        #expect(first.output.contains("0.843         0.674"))
        #expect(first.errors.contains("never trained"))
        let report = try JSONValue.parse(folder.bytes("one/evaluation.json"))
        #expect(report[path: "groupings/0/grouping"]?.string == "record")
        #expect(report[path: "groupings/1/grouping"]?.string == "patient")
        #expect((report[path: "groupings/0/patientsInBothParts"]?.integer ?? 0) > 0)
        #expect(report[path: "groupings/1/patientsInBothParts"]?.integer == 0)
        let choices = [
            "testFraction": 0.2, "maximumDepth": 6, "learningRate": 0.1, "subsample": 0.8,
            "columnSampleByTree": 0.8, "rounds": 5, "reshuffles": 3,
        ]
        for (name, value) in choices { #expect(report["protocol"]?[name]?.double == value, "\(name)") }
        try compareWithScores(folder, report)
        try checkFindings(report)
        try checkPage(folder)

        let second = try evaluate(folder, "two", ["--site-prevalence", "0.05"])
        #expect(second.output == first.output)
        for name in TemporaryFolder.files(below: folder.path("one")) {
            #expect(try folder.bytes("one/" + name) == folder.bytes("two/" + name), "\(name)")
        }
        let other = try evaluate(
            folder, "other", ["--seed", "2", "--group", "patient", "--methods", "paper", "--sanity"])
        #expect(other.status == 0)
        let changed = try JSONValue.parse(folder.bytes("other/evaluation.json"))
        #expect(changed[path: "groupings/0/grouping"]?.string == "patient")
        #expect(changed[path: "groupings"]?.elements?.count == 1)
        try checkSanity(changed)
        #expect(changed[path: "groupings/0/methods/0/auroc"] != report[path: "groupings/1/methods/0/auroc"])
    }

    /// Every figure of the report follows from the scores beside it.
    private func compareWithScores(_ folder: TemporaryFolder, _ report: JSONValue) throws {
        let scores = try rows(folder, "one/scores.csv")
        #expect(scores.count == 2 * 3 * 12)
        let methods = ["st-mem-xgb", "ecg-fm-xgb", "fusion-xgb"]
        for (place, grouping) in ["record", "patient"].enumerated() {
            for (column, method) in methods.enumerated() {
                let path = "groupings/\(place)/methods/\(column)"
                #expect(report[path: path + "/id"]?.string == method)
                let areas = try (1...3).map { reshuffle in
                    let tested = scores.filter { $0[0] == grouping && $0[1] == "\(reshuffle)" }
                    return areaUnderROC(
                        try tested.map { (try #require(Double($0[4 + column])), $0[3] == "1") })
                }
                let reported = try #require(report[path: path + "/auroc/values"]?.doubles)
                #expect(zip(reported, areas).allSatisfy { abs($0 - $1) < 1e-12 } && reported.count == 3)
                let mean = try #require(report[path: path + "/auroc/mean"]?.double)
                #expect(abs(mean - areas.reduce(0, +) / 3) < 1e-12)
            }
        }
    }

    private func checkFindings(_ report: JSONValue) throws {
        // By sex every tested ECG is counted once.
        let groups = try #require(report[path: "groupings/0/findings/subgroups"]?.elements)
        let tested = report[path: "groupings/0/findings/pooled/0/records"]?.integer
        let bySex = groups.filter { ["female", "male", "sex unknown"].contains($0["name"]?.string) }
        #expect(bySex.compactMap { $0["records"]?.integer }.reduce(0, +) == tested)
        #expect(groups.count > bySex.count)
        let ensemble = try #require(
            report[path: "groupings/0/findings/pooled"]?.elements?.last?["riskCoverage"])
        #expect((ensemble["coverage"]?.double ?? 0) >= 0.9)
        #expect(ensemble["points"]?.elements?.last?.doubles?[1] == 1)
        for place in 0...1 {
            let path = "groupings/\(place)/findings"
            for other in 0...1 {
                let comparison = "\(path)/comparisons/\(other)"
                let p = try #require(report[path: comparison + "/auroc/p"]?.double)
                let adjusted = try #require(report[path: comparison + "/auroc/pHolm"]?.double)
                #expect((0...1).contains(p) && adjusted >= p)
                let means = try ["2", "\(other)"].map {
                    try #require(report[path: "groupings/\(place)/methods/\($0)/auroc/mean"]?.double)
                }
                let difference = try #require(report[path: comparison + "/auroc/difference"]?.double)
                #expect(abs(difference - (means[0] - means[1])) < 1e-12)
            }
            let point = path + "/pooled/2/operatingPoints/1"
            #expect(report[path: point + "/name"]?.string == "spec95")
            #expect((report[path: point + "/specificity/value"]?.double ?? 0) >= 0.95)
            #expect(report[path: point + "/predictiveValues/1/prevalence"]?.double == 0.05)
        }
    }

    /// Rows of random weights follow the paper's; chance and duplicates are judged by their corrected test.
    private func checkSanity(_ report: JSONValue) throws {
        let rows = try #require(report[path: "groupings/0/methods"]?.elements).map { $0["id"]?.string }
        #expect(
            rows == [
                "st-mem-xgb", "ecg-fm-xgb", "fusion-xgb", "st-mem-random", "ecg-fm-random", "fusion-random",
            ])
        let checks = try #require(report[path: "groupings/0/findings/sanity"]?.elements)
        #expect(checks.map { $0["against"]?.string } == ["chance", "ST-MEM", "ECG-FM"])
        for (check, chance) in zip(checks, [true, false, false]) {
            let p = try #require(check["p"]?.double)
            let difference = try #require(check["difference"]?.double)
            #expect(check["holds"]?.bool == (p >= 0.01 || (!chance && difference <= 0)))
        }
    }

    /// The page is whole and asks for nothing: every address in it would be a request.
    private func checkPage(_ folder: TemporaryFolder) throws {
        let page = String(decoding: try folder.bytes("one/report.html"), as: UTF8.self)
        #expect(page.hasSuffix("</html>\n"))
        for word in ["http:", "https:", "src=", "<script", "url(/", "@import", "nan", "inf\""] {
            #expect(!page.contains(word), "\(word)")
        }
        // Five charts a grouping, and a map for each encoder.
        #expect(page.components(separatedBy: "<svg ").count == 1 + 2 * 5 + 2)
        let labels = try rows(folder, "cohort.csv").map { $0[1] }
        let each = min(labels.count { $0 == "1" }, labels.count { $0 == "0" })
        #expect(try rows(folder, "one/map.csv").count == 2 * 2 * each)
    }

    @Test func refusesARecipeThatIsNotTheBundles() throws {
        let folder = try TemporaryFolder()
        try placeCohort(in: folder)
        let outcome = try evaluate(folder, "one", ["--crops", "3"])
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("--crops 3"))
        #expect(TemporaryFolder.files(below: folder.path("one")).isEmpty)
    }

    @Test(arguments: [
        ["--reshuffles", "1"], ["--group", "site"], ["--rounds", "0"], ["--site-prevalence", "5"],
    ])
    func refusesChoicesThatThereAreNot(options: [String]) throws {
        let outcome = try Tool.run(
            Tool.binary,
            ["evaluate", "--cohort", "x", "--bundle", "Bundles/demonstration", "--output", "x"] + options)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(options[0]))
    }
}

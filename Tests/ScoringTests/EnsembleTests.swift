import Foundation
import Scoring
import Tensor
import TestSupport
import Testing

/// Bundles whose heads have ensembles, and what loading asks of them.
@Suite struct EnsembleTests {
    private static let abstention = Manifest.AbstentionEntry(
        spread: 0, rawScore: 0.2, records: 284, folds: 5,
        curve: [
            .init(coverage: 0.9, spread: 0, errorRate: 0.1), .init(coverage: 1, spread: 0.2, errorRate: 0.3),
        ],
        decided: .init(value: 0.9, low: 0.8, high: 0.95), errorRate: nil,
        errorRateOfAll: .init(value: 0.3, low: 0.2, high: 0.4))

    /// The demonstration bundle, its ST-MEM head with two members: itself, and itself with another base score.
    private func bundle(spread: Double? = nil) throws -> SpoiltBundle {
        var bundle = try SpoiltBundle()
        let own = try Repository.bytes("Bundles/demonstration/st-mem-xgb.json")
        let text = String(decoding: own, as: UTF8.self)
        let other = text.replacing("\"base_score\":\"0.5\"", with: "\"base_score\":\"0.25\"")
        try #require(other != text)
        for (member, bytes) in [own, Array(other.utf8)].enumerated() {
            let name = "st-mem-xgb.member-\(member).json"
            bundle.manifest.files.append(.init(name: name, bytes: 0, sha256: ""))
            try bundle.replace(name, with: bytes)
        }
        bundle.manifest.heads[1].ensemble = .init(
            files: ["st-mem-xgb.member-0.json", "st-mem-xgb.member-1.json"], abstention: Self.abstention)
        let score = try #require(bundle.manifest.selfTest.rawScores["st-mem-xgb"])
        // The other member's odds are a third of the first's.
        let odds = Double(score) / (1 - Double(score))
        let difference = abs(Double(score) - odds / 3 / (1 + odds / 3))
        bundle.manifest.selfTest.spreads = ["st-mem-xgb": spread ?? difference / 2.0.squareRoot()]
        return bundle
    }

    /// By hand the spread is right to some digits; the bits that are found are those that are asked for afterwards.
    @Test func asksForTheSpreadThatTheManifestStates() throws {
        var bundle = try bundle()
        defer { bundle.remove() }
        let byHand = try #require(bundle.manifest.selfTest.spreads?["st-mem-xgb"])
        let error = try #require(try bundle.error())
        #expect(error.code == .selfTest && error.file == "st-mem-xgb.member-0.json")
        let found = try #require(
            try error.detail.firstMatch(of: Regex("spread by ([-0-9.e]+)", as: (Substring, Substring).self))
                .flatMap { Double($0.output.1) })
        #expect(abs(found - byHand) < 1e-6)
        bundle.manifest.selfTest.spreads = ["st-mem-xgb": found]
        #expect(try bundle.error() == nil)
        let loaded = try ModelBundle.load(directory: bundle.folder, pool: .single)
        let answer = try Scorer(bundle: loaded, pool: .single).score(
            ECGFile.submission(at: Repository.path("Demonstration/ecg/ptbxl00173.zip")))
        #expect(answer.risk.ensemble == nil && answer.heads[2].ensemble == nil)
        let ensemble = try #require(answer.heads[1].ensemble)
        #expect(ensemble.rawScores.count == 2 && ensemble.rawScores[0] == answer.heads[1].rawScore)
        #expect(ensemble.abstains && ensemble.meanRawScore < Double(ensemble.rawScores[0]))
        // Only of the risk's own head an answer warns.
        #expect(!answer.warnings.contains { $0.code == "ABSTAINS" })
    }

    @Test func anEnsembleIsOne() throws {
        for (spoil, detail) in [
            ({ $0.files = ["st-mem-xgb.member-0.json"] }, "an ensemble of 1"),
            ({ $0.files = Array(repeating: "st-mem-xgb.member-0.json", count: 2) }, "twice"),
            ({ $0.abstention.spread = -0.1 }, "spread"),
            ({ $0.abstention.curve[0].errorRate = 1.1 }, "curve"),
            ({ $0.abstention.rawScore = 2 }, "curve"),
            ({ $0.files[1] = "nowhere.json" }, "nowhere.json"),
        ] as [((inout Manifest.EnsembleEntry) -> Void, String)] {
            var bundle = try bundle()
            defer { bundle.remove() }
            var entry = try #require(bundle.manifest.heads[1].ensemble)
            spoil(&entry)
            bundle.manifest.heads[1].ensemble = entry
            let error = try #require(try bundle.error())
            #expect(error.code == .manifest && error.detail.contains(detail), "\(error.detail)")
        }
    }

    @Test func aMemberIsABoosterOfTheHeadsWidth() throws {
        var wide = try bundle()
        defer { wide.remove() }
        try wide.replace(
            "st-mem-xgb.member-1.json", with: Repository.bytes("Bundles/demonstration/fusion-xgb.json"))
        let width = try #require(try wide.error())
        #expect(width.code == .booster && width.file == "st-mem-xgb.member-1.json")
        var spoilt = try bundle()
        defer { spoilt.remove() }
        try spoilt.replace("st-mem-xgb.member-1.json", with: Array("{}".utf8))
        #expect(try spoilt.error()?.code == .booster)
        var none = try bundle()
        defer { none.remove() }
        none.manifest.selfTest.spreads = nil
        #expect(try none.error()?.code == .selfTest)
    }
}

import Foundation
import HTTP
import Risk
import Scoring
import Service
import Tensor
import TestSupport
import Testing

/// The answers of a service whose fused head has an ensemble.
@Suite struct EnsembleAnswerTests {
    /// Two members: the head itself, and one that starts from other odds; answers abstain above that spread.
    private func service(abstainsAbove spread: Double) throws -> DemonstrationService {
        let bundle = try ModelBundle.load(
            directory: Repository.path("Bundles/demonstration"), pool: .single)
        let own = try Repository.bytes("Bundles/demonstration/fusion-xgb.json")
        let other = String(decoding: own, as: UTF8.self).replacing(
            "\"base_score\":\"0.5\"", with: "\"base_score\":\"9E-1\"")
        let share = Manifest.IntervalEntry(value: 0.9, low: 0.8, high: 0.95)
        let abstention = Manifest.AbstentionEntry(
            spread: spread, rawScore: 0.2, records: 284, folds: 5,
            curve: [.init(coverage: 1, spread: 0.2, errorRate: 0.3)], decided: share, errorRate: share,
            errorRateOfAll: share)
        var manifest = bundle.manifest
        manifest.heads[0].ensemble = .init(files: ["a.json", "b.json"], abstention: abstention)
        let head = bundle.heads[0]
        let fused = ModelBundle.Head(
            id: head.id, features: head.features, booster: head.booster, calibration: head.calibration,
            ensemble: .init(
                members: try [Booster(json: own), Booster(json: Array(other.utf8))], abstention: abstention))
        let whole = ModelBundle(
            manifest: manifest, provenance: bundle.provenance, encoders: bundle.encoders,
            scalers: bundle.scalers, heads: [fused] + bundle.heads.dropFirst())
        return DemonstrationService(service: Service(scorer: Scorer(bundle: whole, pool: .single)))
    }

    private func answer(_ service: DemonstrationService) async throws -> [String: Any] {
        try await service.send(
            "POST", "/v1/assessments", body: Repository.bytes("Demonstration/ecg/ptbxl00173.zip")
        ).json
    }

    @Test func theSpreadIsQuotedAndTheAnswerAbstains() async throws {
        let schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
        for (limit, abstains) in [(0.01, true), (0.7, false)] {
            let answer = try await answer(service(abstainsAbove: limit))
            #expect(try schema.violations(of: answer, against: "Assessment") == [])
            let risk = try #require(answer["risk"] as? [String: Any])
            let ensemble = try #require(risk["ensemble"] as? [String: Any])
            let score = try #require(risk["rawScore"] as? Double)
            // The other member's odds are nine times the first's.
            let odds = 9 * score / (1 - score)
            let spread = abs(score - odds / (1 + odds)) / 2.0.squareRoot()
            #expect(abs(try #require(ensemble["spread"] as? Double) - spread) < 1e-6)
            #expect(ensemble["abstains"] as? Bool == abstains)
            #expect(ensemble["abstainsAboveSpread"] as? Double == limit)
            let warnings = try #require(answer["warnings"] as? [[String: Any]])
            #expect(warnings.contains { $0["code"] as? String == "ABSTAINS" } == abstains)
            let models = try #require(answer["models"] as? [[String: Any]])
            #expect(models[0]["ensemble"] as? NSObject == ensemble as NSObject)
            #expect(models[1]["ensemble"] is NSNull)
        }
    }

    @Test func theModelsAnswerHasTheCurve() async throws {
        let answer = try await service(abstainsAbove: 0.1).send("GET", "/v1/models").json
        let schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
        #expect(try schema.violations(of: answer, against: "Models") == [])
        let models = try #require(answer["models"] as? [[String: Any]])
        let ensemble = try #require(models[0]["ensemble"] as? [String: Any])
        #expect(ensemble["members"] as? Int == 2)
        #expect((ensemble["riskCoverage"] as? [[String: Any]])?.count == 1)
        #expect(models[1]["ensemble"] is NSNull)
    }
}

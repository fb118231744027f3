import Foundation
import HTTP
import Scoring
import Service
import Tensor
import TestSupport
import Testing

/// The answers of a service whose bundle holds the paper's baseline.
@Suite struct BaselineAnswerTests {
    private func service() throws -> DemonstrationService {
        let folder = try TemporaryFolder()
        let path = folder.path("resnet50.safetensors")
        try BaselineFile(
            reading: Repository.path("Tests/NetworksTests/Fixtures/resnet50-width2.pt"), licence: "CC0-1.0"
        ).write(to: path)
        let baseline = try LoadedBaseline(path: path)
        let bundle = try ModelBundle.load(
            directory: Repository.path("Bundles/demonstration"), pool: .single)
        let found = bundle.provenance
        let provenance = BundleProvenance(
            manifest: found.manifest, digest: found.digest, encoders: found.encoders, scaler: found.scaler,
            boosters: found.boosters, baseline: baseline.provenance)
        let both = ModelBundle(
            manifest: bundle.manifest, provenance: provenance, encoders: bundle.encoders,
            scalers: bundle.scalers, heads: bundle.heads, baseline: baseline)
        return DemonstrationService(service: Service(scorer: Scorer(bundle: both, pool: .single)))
    }

    @Test func theBaselineStandsBesideTheFusion() async throws {
        let service = try service()
        let schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
        let answer = try await service.send(
            "POST", "/v1/assessments", body: Repository.bytes("Demonstration/ecg/ptbxl00173.zip")
        ).json
        #expect(try schema.violations(of: answer, against: "Assessment") == [])
        let models = try #require(answer["models"] as? [[String: Any]])
        #expect(
            models.map { $0["id"] as? String } == ["fusion-xgb", "st-mem-xgb", "ecg-fm-xgb", "resnet50"])
        #expect((answer["risk"] as? [String: Any])?["model"] as? String == "fusion-xgb")
        let margin = try #require(models[3]["margin"] as? Double)
        let probability = try #require(models[3]["probability"] as? Double)
        #expect(abs(probability - 1 / (1 + exp(-margin))) < 1e-6)
        let provenance = try #require(answer["provenance"] as? [String: Any])
        let baseline = try #require(provenance["baseline"] as? [String: Any])
        #expect(baseline["licence"] as? String == "CC0-1.0")
        #expect(baseline["flavour"] as? String == "imported")
    }

    @Test func theModelsAnswerNamesIt() async throws {
        let answer = try await service().send("GET", "/v1/models").json
        let schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
        #expect(try schema.violations(of: answer, against: "Models") == [])
        let provenance = try #require(answer["provenance"] as? [String: Any])
        #expect((provenance["baseline"] as? [String: Any])?["width"] as? Int == 2)
    }

    /// ST-MEM needs 9 s, the baseline 10.
    @Test func anECGThatIsTooShortForItIsScoredWithoutIt() async throws {
        var lines = ["I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6"]
        for sample in 0..<4_750 {
            lines.append((0..<12).map { "\(sin(Double(sample * ($0 + 3)) / 150))" }.joined(separator: ","))
        }
        let answer = try await service().send(
            "POST", "/v1/assessments?sampleRate=500&units=mV",
            body: Array(lines.joined(separator: "\n").utf8), type: "text/csv"
        ).json
        let models = try #require(answer["models"] as? [[String: Any]], "\(answer)")
        #expect(models.count == 3)
        let warnings = try #require(answer["warnings"] as? [[String: Any]])
        #expect(warnings.contains { $0["code"] as? String == "BASELINE_LEFT_OUT" })
    }
}

import Bytes
import ECGFormats
import Foundation
import HTTP
import Service
import TestSupport
import Testing

private let example = "Demonstration/ecg/ptbxl00173.zip"

@Suite struct RouteTests {
    private let service: DemonstrationService
    private let schema: JSONSchema

    init() throws {
        service = try DemonstrationService.shared.get()
        schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
    }

    @Test(arguments: [
        ("/v1/assessments", "Assessment"), ("/v1/inspect", "Inspection"), ("/v1/embeddings", "Embeddings"),
        ("/v1/embeddings?encoder=ecg-fm", "Embeddings"),
    ])
    func answersAnECGAsTheSchemaSays(target: String, name: String) async throws {
        let answer = try await service.send(
            "POST", target, body: Repository.bytes(example), type: "application/zip")
        #expect(answer.status == .ok)
        #expect(answer.fields[.contentType] == "application/json")
        #expect(try schema.violations(of: answer.json, against: name) == [])
    }

    @Test func theModelsAnswerIsAsTheSchemaSays() async throws {
        let answer = try await service.send("GET", "/v1/models")
        #expect(answer.status == .ok)
        #expect(try schema.violations(of: answer.json, against: "Models") == [])
    }

    @Test func everyAnswerOfTheDemonstrationBundleSaysSo() async throws {
        let answer = try await service.send("POST", "/v1/assessments", body: Repository.bytes(example)).json
        #expect(answer["notForClinicalUse"] as? Bool == true)
        let provenance = try #require(answer["provenance"] as? [String: Any])
        let bundle = try #require(provenance["bundle"] as? [String: Any])
        #expect(bundle["kind"] as? String == "demonstration")
        let encoders = try #require(provenance["encoders"] as? [[String: Any]])
        #expect(encoders.allSatisfy { $0["flavour"] as? String == "seeded" })
        let input = try #require(answer["input"] as? [String: Any])
        #expect(input["leadsDerived"] as? [String] == ["III", "aVR", "aVL", "aVF"])
        let digest = Digest(of: try Repository.bytes(example))
        #expect(input["sha256"] as? String == digest.hexadecimal)
    }

    @Test func theHeadlineIsTheFusedModelsScore() async throws {
        let answer = try await service.send("POST", "/v1/assessments", body: Repository.bytes(example)).json
        let risk = try #require(answer["risk"] as? [String: Any])
        let models = try #require(answer["models"] as? [[String: Any]])
        #expect(models.map { $0["id"] as? String } == ["fusion-xgb", "st-mem-xgb", "ecg-fm-xgb"])
        #expect(risk["model"] as? String == "fusion-xgb")
        for member in ["probability", "rawScore"] {
            #expect(risk[member] as? Double == models[0][member] as? Double)
        }
        let margin = try #require(models[0]["margin"] as? Double)
        let raw = try #require(models[0]["rawScore"] as? Double)
        #expect(abs(1 / (1 + exp(-margin)) - raw) < 1e-6)
    }

    @Test func equalInputGivesEqualScores() async throws {
        var answers: Set<String> = []
        for _ in 0..<3 {
            let answer = try await service.send(
                "POST", "/v1/assessments", body: Repository.bytes(example)
            ).json
            answers.insert("\((answer["models"] as? [[String: Any]])?.map { "\($0["margin"] ?? "")" } ?? [])")
        }
        #expect(answers.count == 1)
    }

    @Test func everyOperationOfTheDescriptionIsServed() async throws {
        for (path, method) in schema.operations {
            let answer = try await service.send(method.uppercased(), path)
            #expect(answer.status != .notFound, "\(method) \(path)")
            #expect(answer.status != .methodNotAllowed, "\(method) \(path)")
        }
        let description = try await service.send("GET", "/openapi.yaml")
        #expect(try description.body == Repository.bytes("openapi.yaml"))
    }

    @Test func probesAnswer() async throws {
        #expect(try await service.send("GET", "/livez").body == Array("ok\n".utf8))
        #expect(try await service.send("GET", "/readyz").status == .ok)
    }
}

@Suite struct RefusalTests {
    private let service: DemonstrationService
    private let schema: JSONSchema

    init() throws {
        service = try DemonstrationService.shared.get()
        schema = try JSONSchema(openAPI: Repository.path("openapi.yaml"))
    }

    private func refuse(
        _ target: String, body: [UInt8], type: String? = nil, fields: [String: String] = [:]
    ) async throws -> (status: Int, type: String, problem: [String: Any]) {
        let answer = try await service.send("POST", target, body: body, type: type, fields: fields)
        #expect(answer.fields[.contentType] == "application/problem+json")
        let problem = try answer.json
        #expect(try schema.violations(of: problem, against: "Problem") == [])
        #expect(problem["status"] as? Int == answer.status.code)
        #expect(problem["risk"] == nil && problem["probability"] == nil)
        let name = (problem["type"] as? String)?.components(separatedBy: "problem:").last ?? ""
        return (answer.status.code, name, problem)
    }

    private func ecg(
        leads: [String] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"], samples: Int = 5_000,
        scale: Double = 1, top: String = "\"sampleRate\":500,\"units\":\"mV\","
    ) -> [UInt8] {
        let rows = leads.enumerated().map { row, lead in
            let values = (0..<samples).map { "\(scale * Double(($0 * (row + 3)) % 97) / 97)" }
            return "\"\(lead)\":[\(values.joined(separator: ","))]"
        }
        return Array("{\(top)\"leads\":{\(rows.joined(separator: ","))}}".utf8)
    }

    @Test func theTestECGItselfIsScored() async throws {
        let answer = try await service.send("POST", "/v1/assessments", body: ecg(), type: "application/json")
        #expect(answer.status == .ok)
    }

    @Test func refusesRecordingsThatCannotBeScored() async throws {
        let cases: [(body: [UInt8], code: String)] = [
            (ecg(leads: ["I", "II", "V1", "V2", "V3", "V4", "V5"]), "leads-missing"),
            (ecg(leads: ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V66"]), "lead-unknown"),
            (ecg(samples: 4_000), "recording-too-short"),
            (ecg(scale: 0), "signal-flat"),
            (ecg(scale: 1_000), "amplitude-implausible"),
            (ecg(top: "\"sampleRate\":500,"), "unit-missing"),
            (ecg(top: "\"units\":\"mV\","), "sample-rate-missing"),
            (ecg(top: "\"sampleRate\":0,\"units\":\"mV\","), "sample-rate-implausible"),
        ]
        for (body, code) in cases {
            let refusal = try await refuse("/v1/assessments", body: body, type: "application/json")
            #expect(refusal.status == 422, "\(code)")
            #expect(refusal.type == code)
        }
    }

    @Test func refusesWhatIsNoECG() async throws {
        let text = Array("hello".utf8)
        #expect(try await refuse("/v1/assessments", body: text).type == "unknown-format")
        #expect(try await refuse("/v1/assessments", body: []).type == "empty")
        #expect(
            try await refuse("/v1/assessments", body: text, type: "image/png").type
                == "unsupported-media-type")
        let coded = try await refuse("/v1/assessments", body: text, fields: ["Content-Encoding": "br"])
        #expect(coded.type == "unsupported-coding")
        #expect(coded.status == 415)
        let cut = Array("{\"leads\":{\"I\":[1,2".utf8)
        let malformed = try await refuse("/v1/assessments", body: cut, type: "application/json")
        #expect(malformed.status == 400)
        #expect((malformed.problem["place"] as? String)?.isEmpty == false)
    }

    @Test func refusesQueriesThatItDoesNotKnow() async throws {
        let unknown = try await refuse("/v1/assessments?unit=mV", body: ecg())
        #expect(unknown.type == "query-parameter")
        #expect(unknown.status == 400)
        #expect(try await refuse("/v1/assessments?units=mmHg", body: ecg()).type == "query-parameter")
        #expect(try await refuse("/v1/assessments?units=uV", body: ecg()).type == "unit-conflict")
        #expect(
            try await refuse("/v1/assessments?sampleRate=250", body: ecg()).type == "sample-rate-conflict")
        #expect(try await refuse("/v1/embeddings?encoder=x", body: ecg()).type == "query-parameter")
    }

    @Test(arguments: ["/v1/assessments", "/v1/embeddings", "/v1/inspect", "/v1/render"])
    func theStatedFormatMustBeThatOfTheContent(route: String) async throws {
        let answer = try await service.send("POST", route + "?format=json", body: ecg())
        #expect(answer.status == .ok)
        let conflict = try await refuse(route + "?format=scp", body: ecg())
        #expect(conflict.type == "format-conflict")
        #expect(conflict.status == 422)
        #expect(try await refuse(route, body: ecg(), type: "application/dicom").type == "format-conflict")
        let unknown = try await refuse(route + "?format=pdf", body: ecg())
        #expect(unknown.type == "query-parameter")
        #expect((unknown.problem["detail"] as? String)?.contains("philips") == true)
    }

    @Test func everyFormatHasARowInTheDocument() throws {
        let lines = String(decoding: try Repository.bytes("docs/formats.md"), as: UTF8.self).split(
            separator: "\n")
        for format in FormatRegistry.formats {
            let row = lines.first { $0.hasPrefix("| `\(format.id)` | ") }
            #expect(row?.split(separator: "|").count == 6, "\(format.id)")
        }
        #expect(
            lines.count { $0.hasPrefix("| `") && !$0.hasPrefix("| `format`") } == FormatRegistry.formats.count
        )
    }

    /// The remedy names the parameter by which the sender says what the file does not.
    @Test func refusalsNameTheParameterThatIsMissing() async throws {
        let rows = Array(String(repeating: "1,2,3,4,5,6,7,8\n", count: 10).utf8)
        for (query, code, parameter) in [
            ("?leads=I,II,V1,V2,V3,V4,V5,V6&sampleRate=500", "unit-missing", "units="),
            ("?leads=I,II,V1,V2,V3,V4,V5,V6&units=mV", "sample-rate-missing", "sampleRate="),
            ("?units=mV&sampleRate=500", "lead-names-missing", "leads="),
        ] {
            let refusal = try await refuse("/v1/inspect" + query, body: rows)
            #expect(refusal.type == code)
            #expect((refusal.problem["remedy"] as? String)?.contains(parameter) == true)
        }
    }

    @Test func scoresTheWindowThatIsAskedFor() async throws {
        let long = ecg(samples: 15_000)
        for (query, start) in [("", 0.0), ("?start=12.5", 12.5), ("?start=20", 20)] {
            let answer = try await service.send("POST", "/v1/inspect" + query, body: long).json
            let input = try #require(answer["input"] as? [String: Any])
            #expect(input["analysedStartSeconds"] as? Double == start)
            #expect(input["analysedSeconds"] as? Double == 10)
            #expect(answer["scorable"] as? Bool == true)
        }
        let first = try await service.send("POST", "/v1/embeddings?encoder=st-mem", body: long).json
        let later = try await service.send("POST", "/v1/embeddings?encoder=st-mem&start=12.5", body: long)
            .json
        let values = [first, later].map {
            (($0["embeddings"] as? [[String: Any]])?.first?["values"] as? [Double]) ?? []
        }
        #expect(!values[0].isEmpty && values[0] != values[1])
        let score = try await service.send("POST", "/v1/assessments?start=20", body: long)
        let field = "--b\r\nContent-Disposition: form-data; name=\"start\"\r\n\r\n20\r\n"
        let file = "--b\r\nContent-Disposition: form-data; name=\"ecg\"; filename=\"a.json\"\r\n\r\n"
        let form = Array((field + file).utf8) + long + Array("\r\n--b--\r\n".utf8)
        let type = "multipart/form-data; boundary=b"
        let stated = try await service.send("POST", "/v1/inspect", body: form, type: type).json
        #expect((stated["input"] as? [String: Any])?["analysedStartSeconds"] as? Double == 20)
        #expect(score.status == .ok)
        let beyond = try await refuse("/v1/assessments?start=20.5", body: long)
        #expect(beyond.type == "window-outside-recording")
        #expect(beyond.status == 422)
        for text in ["-1", "x", "nan", "inf"] {
            #expect(try await refuse("/v1/assessments?start=" + text, body: long).type == "query-parameter")
        }
    }

    @Test func inspectSaysWhatKeepsARecordingFromAScore() async throws {
        let answer = try await service.send("POST", "/v1/inspect", body: ecg(samples: 4_000))
        #expect(answer.status == .ok)
        let document = try answer.json
        #expect(try schema.violations(of: document, against: "Inspection") == [])
        #expect(document["scorable"] as? Bool == false)
        let problems = try #require(document["problems"] as? [[String: Any]])
        #expect(problems.first?["code"] as? String == "recording-too-short")
    }

    @Test func everyCodeIsDocumentedWithItsStatus() throws {
        let text = String(decoding: try Repository.bytes("docs/errors.md"), as: UTF8.self)
        for (code, status) in ProblemTable.all {
            #expect(
                text.contains("| `\(code)` | \(status.code) |"), "docs/errors.md lacks \(code) \(status.code)"
            )
        }
    }
}

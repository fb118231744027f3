import Bytes
import Foundation
import HTTP
import Scoring
import Service
import Synchronization
import TestSupport
import Testing

private let example = "Demonstration/ecg/ptbxl00173.zip"

/// An ECG as JSON, large enough to be worth compressing.
private func json() -> [UInt8] {
    let rows = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"].enumerated().map { row, lead in
        let samples = (0..<5_000).map { "\(Double(($0 * (row + 3)) % 200 - 100) / 100)" }
        return "\"\(lead)\":[\(samples.joined(separator: ","))]"
    }
    return Array("{\"sampleRate\":500,\"units\":\"mV\",\"leads\":{\(rows.joined(separator: ","))}}".utf8)
}

@Suite struct NegotiationTests {
    private let service: DemonstrationService

    init() throws { service = try DemonstrationService.shared.get() }

    private func post(_ body: [UInt8], _ fields: [String: String]) async throws -> HTTPResponse {
        try await service.send("POST", "/v1/assessments", body: body, fields: fields)
    }

    private func gunzip(_ body: [UInt8]) throws -> [UInt8] {
        try Inflate.inflate(body[...], as: .gzip, limits: .init(bytes: 1 << 24))
    }

    @Test func aCompressedBodyIsTheSameECG() async throws {
        let plain = try await post(json(), [:]).json
        for coding in ["gzip", "x-gzip", "GZIP, identity"] {
            let coded = try await post(gzip(json()), ["Content-Encoding": coding])
            #expect(coded.status == .ok)
            let answer = try coded.json
            #expect(answer["risk"] as? NSDictionary == plain["risk"] as? NSDictionary)
            // The digest is that of the content, without its coding.
            #expect(
                (answer["input"] as? [String: Any])?["sha256"] as? String == Digest(of: json()).hexadecimal)
        }
        let twice = try await post(gzip(gzip(json())), ["Content-Encoding": "gzip, gzip"])
        #expect(twice.status == .ok)
    }

    @Test func deflateIsTheZlibFormat() async throws {
        let deflated = Self.zlib(gzip: try gzip(json()), of: json())
        #expect(try await post(deflated, ["Content-Encoding": "deflate"]).status == .ok)
        let bare = Array(deflated.dropFirst(2).dropLast(4))
        #expect(try await post(bare, ["Content-Encoding": "deflate"]).status == .badRequest)
    }

    @Test func refusesWhatItCannotUndo() async throws {
        let member = try gzip(json())
        var damaged = member
        damaged[damaged.count / 2] ^= 0xFF
        for (body, coding, status, code) in [
            (member, "br", 415, "unsupported-coding"),
            (member, "gzip, gzip, gzip", 415, "unsupported-coding"),
            (json(), "gzip", 400, "malformed"), (damaged, "gzip", 400, "malformed"),
            (Array(member.dropLast(9)), "gzip", 400, "truncated"),
            (member + [1, 2, 3], "gzip", 400, "malformed"),
            ([], "gzip", 400, "truncated"),
            (try gzip([UInt8](repeating: 0x20, count: 40 << 20)), "gzip", 413, "limit-exceeded"),
        ] {
            let answer = try await post(body, ["Content-Encoding": coding])
            #expect(answer.status.code == status, "\(code)")
            #expect(try answer.json["type"] as? String == "urn:firstlead:problem:\(code)")
            #expect(answer.fields[.acceptEncoding] == (status == 415 ? "gzip, deflate, identity" : nil))
        }
    }

    @Test(
        arguments: [
            (nil, false), ("gzip", true), ("GZIP;q=0.5", true), ("gzip;q=0", false), ("identity", false),
            ("*", true),
            ("*;q=0", false), ("br, gzip;q=0.8, identity;q=0.9", false), ("x-gzip", true),
            ("gzip;q=2", false),
            ("", false), ("br", false), ("identity;q=0.5, gzip;q=0.5", true),
        ] as [(String?, Bool)])
    func compressesAsAccepted(header: String?, isCompressed: Bool) async throws {
        for target in ["/v1/models", "/openapi.yaml", "/v1/inspect"] {
            let isPost = target == "/v1/inspect"
            let plain = try await service.send(isPost ? "POST" : "GET", target, body: isPost ? json() : [])
            let answer = try await service.send(
                isPost ? "POST" : "GET", target, body: isPost ? json() : [],
                fields: header.map { ["Accept-Encoding": $0] } ?? [:])
            #expect(answer.status == .ok)
            #expect(answer.fields[.contentEncoding] == (isCompressed ? "gzip" : nil))
            #expect(answer.fields[.vary]?.contains("Accept-Encoding") == true)
            #expect(try (isCompressed ? gunzip(answer.body) : answer.body) == plain.body)
        }
    }

    @Test(
        arguments: [
            (nil, 200), ("*/*", 200), ("application/json", 200), ("application/*;q=0.1", 200),
            ("text/html", 406),
            ("text/html, */*;q=0.1", 200), ("application/json;q=0, */*", 406), ("text/*", 406),
            ("Application/JSON", 200), ("", 200), (" , ,", 200), ("image/png;q=2", 200),
            ("application/json;profile=\"a,b\", text/csv", 406),
        ] as [(String?, Int)])
    func answersOnlyWhatIsAccepted(header: String?, status: Int) async throws {
        let answer = try await service.send(
            "POST", "/v1/inspect", body: json(), fields: header.map { ["Accept": $0] } ?? [:])
        #expect(answer.status.code == status)
        if status == 406 { #expect(answer.fields[.contentType] == "application/problem+json") }
        let models = try await service.send("GET", "/v1/models", fields: header.map { ["Accept": $0] } ?? [:])
        #expect(models.status.code == status)
        // A probe is answered whatever it accepts: who asks looks at the status.
        let live = try await service.send("GET", "/livez", fields: header.map { ["Accept": $0] } ?? [:])
        #expect(live.status == .ok)
    }

    @Test func fixedContentHasValidators() async throws {
        for target in ["/v1/models", "/openapi.yaml"] {
            let plain = try await service.send("GET", target)
            let tag = try #require(plain.fields[.etag])
            let coded = try await service.send("GET", target, fields: ["Accept-Encoding": "gzip"])
            #expect(coded.fields[.etag] != tag)
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = try await service.send("GET", target, fields: ["If-None-Match": known])
                #expect(again.status.code == 304 && again.body.isEmpty && again.fields[.etag] == tag)
            }
            #expect(try await service.send("GET", target, fields: ["If-None-Match": "\"x\""]).status == .ok)
            #expect(try await service.send("GET", target, fields: ["If-Match": tag]).status == .ok)
            #expect(try await service.send("GET", target, fields: ["If-Match": "\"x\""]).status.code == 412)
        }
    }

    @Test func aDeadlineThatHasPassedIsRefused() async throws {
        let late = try await post(json(), ["Prefer": "respond-async, wait=0"])
        #expect(late.status == .serviceUnavailable)
        #expect(try late.json["type"] as? String == "urn:firstlead:problem:deadline-passed")
        #expect(late.fields[.retryAfter] != nil)
        for wait in ["wait=600", "wait=soon", "wait=-1", "return=minimal"] {
            #expect(try await post(json(), ["Prefer": wait]).status == .ok)
        }
    }

    /// Asked before each encoder: a client that goes during the first spares the second.
    @Test func workEndsBetweenTheEncoders() throws {
        let asked = Mutex(0)
        let clock = StageClock {
            let count = asked.withLock { count in
                count += 1
                return count
            }
            return count == 2 ? Refusal(code: "client-gone", title: "", detail: "") : nil
        }
        let submitted = try SubmittedECG(body: json(), mediaType: nil)
        #expect {
            _ = try service.service.scorer.score(submitted, clock: clock)
        } throws: {
            ($0 as? Refusal)?.code == "client-gone"
        }
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func rendersOnPaper() async throws {
        let body = try Repository.bytes(example)
        let answer = try await service.send("POST", "/v1/render", body: body)
        #expect(answer.status == .ok && answer.fields[.contentType] == "image/svg+xml")
        #expect(String(decoding: answer.body, as: UTF8.self).contains("seconds 0 to 10 of 10"))
        let late = try await service.send("POST", "/v1/render?start=4", body: body)
        #expect(String(decoding: late.body, as: UTF8.self).contains("seconds 4 to 10 of 10"))
        for query in ["start=10", "start=-1", "start=x", "begin=1"] {
            #expect(try await service.send("POST", "/v1/render?\(query)", body: body).status == .badRequest)
        }
        let accepted = ["Accept": "application/json"]
        #expect(try await service.send("POST", "/v1/render", body: body, fields: accepted).status.code == 406)
    }

    /// Compressed by the system's gzip, which is not the code that is tested.
    private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        try folder.write(bytes, to: "plain")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "--stdout", folder.path("plain")]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { process.waitUntilExit() }
        return [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
    }

    /// DEFLATE data of a member without a name, in a zlib wrapper (RFC 1950), its Adler-32 written out.
    private static func zlib(gzip member: [UInt8], of content: [UInt8]) -> [UInt8] {
        // gzip of a file stores its name behind the ten bytes of head, up to a zero.
        let name = member[3] & 8 == 0 ? 0 : (member[10...].firstIndex(of: 0) ?? 10) - 9
        var a: UInt32 = 1
        var b: UInt32 = 0
        for byte in content {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        let sum = b << 16 | a
        let tail = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        return [0x78, 0x9C] + member[(10 + name)...].dropLast(8) + tail
    }
}

import HTTP
import Testing

private func head(_ fields: String...) throws -> RequestHead {
    try #require(Transcript(request("GET / HTTP/1.1", fields)).heads.first)
}

@Suite struct RequestContextTests {
    /// The example of W3C Trace Context §3.2.4, and what §3.2.2 and §4.3 say of other versions.
    @Test(arguments: [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings",
    ])
    func readsTraceParents(text: String) throws {
        let trace = try #require(try head("traceparent: \(text)").traceParent)
        #expect(trace.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(trace.parentID == "00f067aa0ba902b7")
        #expect(trace.isSampled)
    }

    @Test(arguments: [
        "", "zz-nonsense", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
    ])
    func ignoresMalformedTraceParents(text: String) throws {
        #expect(try head("traceparent: \(text)").traceParent == nil)
    }

    @Test func readsIdempotencyKeys() throws {
        #expect(try head("Idempotency-Key: \"8e03978e-40d5\"").idempotencyKey == "8e03978e-40d5")
        #expect(try head("Idempotency-Key: bare").idempotencyKey == "bare")
        #expect(try head("Idempotency-Key: \"\"").idempotencyKey == nil)
        #expect(try head("Idempotency-Key: a b").idempotencyKey == nil)
        #expect(try head("Idempotency-Key: a", "Idempotency-Key: b").idempotencyKey == nil)
        let long = String(repeating: "k", count: 256)
        #expect(try head("Idempotency-Key: \(long)").idempotencyKey == nil)
    }
}

/// CORS, as a page's browser sees it.
@Suite struct CrossOriginTests {
    private func sent(_ fields: String..., line: String = "GET /nowhere HTTP/1.1", origins: Set<String>?)
        -> String
    {
        var harness = ConnectionHarness { $0.crossOrigin = origins.map(CrossOrigin.init) }
        harness.receive(request(line, fields))
        return harness.takeSent()
    }

    @Test func isOffByDefault() {
        let text = sent("Origin: https://a.example", origins: nil)
        #expect(!text.contains("Access-Control") && !text.contains("Vary"))
    }

    @Test func anAllowedOriginMayReadEvenErrors() {
        let text = sent("Origin: https://a.example", origins: ["https://a.example"])
        #expect(text.contains("Access-Control-Allow-Origin: https://a.example\r\n"))
        #expect(text.contains("Vary: Origin\r\n"))
        #expect(text.contains("Access-Control-Expose-Headers: "))
    }

    @Test(arguments: ["https://b.example", "https://a.example.evil", "null", "HTTPS://A.EXAMPLE"])
    func otherOriginsMayNot(origin: String) {
        let text = sent("Origin: \(origin)", origins: ["https://a.example"])
        #expect(!text.contains("Access-Control") && text.contains("Vary: Origin\r\n"))
    }

    @Test func answersPreflights() {
        let text = sent(
            "Origin: https://a.example", "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: content-type", line: "OPTIONS /upload HTTP/1.1", origins: ["*"])
        #expect(text.hasPrefix("HTTP/1.1 204 "))
        #expect(text.contains("Access-Control-Allow-Origin: *\r\n"))
        #expect(text.contains("Access-Control-Allow-Methods: POST, OPTIONS\r\n"))
        #expect(text.contains("Access-Control-Allow-Headers: content-type\r\n"))
        #expect(text.contains("Access-Control-Max-Age: 600\r\n"))
    }

    @Test(arguments: [
        ("*", true), ("https://a.example", true), ("http://127.0.0.1:3000", true), ("a.example", false),
        ("https://", false), ("https://a.example/", false), ("https://A.example", false),
        ("https://a b", false),
    ])
    func knowsOrigins(text: String, isOrigin: Bool) { #expect(CrossOrigin.isOrigin(text) == isOrigin) }
}

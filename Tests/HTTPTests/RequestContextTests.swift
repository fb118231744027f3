import HTTP
import Testing

private func head(_ fields: String..., line: String = "GET / HTTP/1.1") throws -> RequestHead {
    try #require(Transcript(request(line, fields)).heads.first)
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

import HTTP
import Testing

@Suite struct CrossOriginTests {
    private func sent(_ fields: String..., line: String = "GET /nowhere HTTP/1.1", origins: Set<String>?)
        -> String
    {
        let harness = ConnectionHarness { $0.crossOrigin = origins.map(CrossOrigin.init) }
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

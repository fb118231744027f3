import Testing

/// A stream that is refused: why, by which rule.
struct RefusedStream: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let status: Int
    let code: String
    /// A part of the section that the refusal cites.
    let section: String

    init(_ text: String, _ status: Int, _ code: String, _ section: String) {
        self.init(Array(text.utf8), status, code, section)
    }

    init(_ bytes: [UInt8], _ status: Int, _ code: String, _ section: String) {
        (self.bytes, self.status, self.code, self.section) = (bytes, status, code, section)
    }

    var testDescription: String {
        code + ": " + String(decoding: bytes.prefix(60), as: UTF8.self).debugDescription
    }

    private static func get(_ field: String) -> String { request("GET / HTTP/1.1", [field]) }

    private static func post(_ fields: String...) -> String {
        request("POST / HTTP/1.1", fields, body: "12345")
    }

    static let requestLines: [RefusedStream] = [
        .init("GET  / HTTP/1.1\r\n\r\n", 400, "request-line", "9112 §3"),
        .init(" GET / HTTP/1.1\r\n\r\n", 400, "request-line", "9112 §3"),
        .init("GET / HTTP/1.1 \r\n\r\n", 400, "request-line", "9112 §3"),
        .init("GET / x HTTP/1.1\r\n\r\n", 400, "request-line", "9112 §3"),
        .init("GET /\r\n\r\n", 400, "request-line", "9112 §3"),
        .init("GET\r\n\r\n", 400, "request-line", "9112 §3"),
        .init("GE(T / HTTP/1.1\r\n\r\n", 400, "method", "9110 §9.1"),
        .init(String(repeating: "A", count: 33) + " / HTTP/1.1\r\n", 501, "method-too-long", "9112 §3"),
        .init(String(repeating: "A", count: 9_000), 501, "method-too-long", "9112 §3"),
        .init("CONNECT a:80 HTTP/1.1\r\n", 501, "connect", "9110 §9.3.6"),
        .init("GET /" + String(repeating: "a", count: 9_000), 414, "target-too-long", "9112 §3"),
        .init("GET / http/1.1\r\n", 400, "version", "9112 §2.3"),
        .init("GET / HTTP/1.10\r\n", 400, "version", "9112 §2.3"),
        .init("GET / HTTP/1\r\n", 400, "version", "9112 §2.3"),
        .init("GET / HTTP/2.0\r\n", 505, "version-unsupported", "9110 §15.6.6"),
        .init("GET / HTTP/0.9\r\n", 505, "version-unsupported", "9110 §15.6.6"),
        .init("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version-unsupported", "9110 §15.6.6"),
        .init("GET / HTTP/1.1\nHost: a\n\n", 400, "bare-line-feed", "9112 §2.2"),
        .init("GET /\rX HTTP/1.1\r\n", 400, "bare-carriage-return", "9112 §2.2"),
        .init("GET /\0 HTTP/1.1\r\n", 400, "control-character", "9112 §2.2"),
        .init([0x16, 0x03, 0x01, 0x02], 400, "control-character", "9112 §2.2"),
        .init(String(repeating: "\r\n", count: 5), 400, "empty-lines", "9112 §2.2"),
    ]

    static let targets: [RefusedStream] = [
        .init("GET /a#b HTTP/1.1\r\n", 400, "target-character", "3986 §3.3"),
        .init("GET /a\\b HTTP/1.1\r\n", 400, "target-character", "9112 §3.2"),
        .init("GET /?a=\"b\" HTTP/1.1\r\n", 400, "target-character", "9112 §3.2"),
        .init(
            Array("GET /".utf8) + [0xFF] + Array(" HTTP/1.1\r\n".utf8), 400, "target-character", "9112 §3.2"),
        .init("GET /%zz HTTP/1.1\r\n", 400, "percent-escape", "3986 §2.1"),
        .init("GET /a% HTTP/1.1\r\n", 400, "percent-escape", "3986 §2.1"),
        .init("GET /?a=%1 HTTP/1.1\r\n", 400, "percent-escape", "3986 §2.1"),
        .init("GET /%00 HTTP/1.1\r\n", 400, "target-text", "3986 §2.5"),
        .init("GET /%ff HTTP/1.1\r\n", 400, "target-text", "3986 §2.5"),
        .init("GET /a/../b HTTP/1.1\r\n", 400, "dot-segment", "3986 §5.2.4"),
        .init("GET /%2e%2E/b HTTP/1.1\r\n", 400, "dot-segment", "3986 §5.2.4"),
        .init("GET * HTTP/1.1\r\n", 400, "target-form", "9112 §3.2"),
        .init("GET a/b HTTP/1.1\r\n", 400, "target-form", "9112 §3.2"),
        .init("GET 1http://a/ HTTP/1.1\r\n", 400, "target-form", "9112 §3.2"),
        .init("GET http:///x HTTP/1.1\r\n", 400, "authority", "9110 §4.2.1"),
        .init("GET http://u@a/ HTTP/1.1\r\n", 400, "authority", "9110 §4.2.4"),
        .init("GET https://a/ HTTP/1.1\r\n", 421, "misdirected", "9110 §7.4"),
        .init("GET ftp://a/ HTTP/1.1\r\n", 421, "misdirected", "9110 §7.4"),
    ]

    static let hosts: [RefusedStream] =
        [.init(request(host: nil), 400, "host-missing", "9112 §3.2")]
        + ["Host: a\r\nHost: a", "Host: a\r\nhost: b"].map {
            .init(request(host: $0), 400, "host-repeated", "9112 §3.2")
        }
        + [
            "a b", ":80", "u@a", "a:b", "a:65536", "a:80:80", "[::1", "[]", "[1]", "[::1%25eth0]", "[g::]",
            "[::1]x",
            "a/b", "a,b", "%zz",
        ].map {
            .init(request(host: "Host: " + $0), 400, "host", "9110 §7.2")
        }

    static let fields: [RefusedStream] = [
        .init(get("X-A : b"), 400, "field-name", "9112 §5.1"),
        .init(get("X(a): b"), 400, "field-name", "9110 §5.1"),
        .init(get(": b"), 400, "field-name", "9112 §5.1"),
        .init(get("no colon"), 400, "field-without-colon", "9112 §5"),
        .init(get("X-A: b\r\n folded"), 400, "folded-line", "9112 §5.2"),
        .init(request(host: "\tHost: a"), 400, "folded-line", "9112 §2.2"),
        .init(get("X-A: b\0"), 400, "control-character", "9110 §5.5"),
        .init(get("X-A: b\u{7F}"), 400, "control-character", "9110 §5.5"),
        .init(get("X-A: b\rc"), 400, "bare-carriage-return", "9112 §2.2"),
        .init(get("X-A: b\nTransfer-Encoding: chunked"), 400, "bare-line-feed", "9112 §2.2"),
        .init(get("X-A: " + String(repeating: "b", count: 8_192)), 431, "field-line-too-long", "6585 §5"),
        .init(
            request("GET / HTTP/1.1", (0..<5).map { "X-\($0): " + String(repeating: "b", count: 8_000) }),
            431,
            "fields-too-large", "6585 §5"),
        .init(request("GET / HTTP/1.1", (0..<100).map { "X-\($0): b" }), 431, "too-many-fields", "6585 §5"),
    ]

    static let framings: [RefusedStream] =
        ["+5", "-5", "0x5", "5x", "5 5", "5, 5", "", "18446744073709551621"].map {
            .init(post("Content-Length: " + $0), 400, "content-length", "9110 §8.6")
        } + [
            .init(
                post("Content-Length: 5", "Content-Length: 5"), 400, "content-length-repeated", "9112 §6.3"),
            .init(
                post("Content-Length: 5", "content-length: 6"), 400, "content-length-repeated", "9112 §6.3"),
            .init(post("Content-Length: 8388609"), 413, "content-too-large", "9110 §15.5.14"),
            .init(
                post("Transfer-Encoding: chunked", "Content-Length: 5"), 400, "ambiguous-framing", "9112 §6.3"
            ),
            .init(
                request("POST / HTTP/1.0", ["Transfer-Encoding: chunked"]), 400, "transfer-encoding-1.0",
                "9112 §6.1"),
            .init(post("Transfer-Encoding: gzip, chunked"), 501, "transfer-coding", "9112 §6.1"),
        ]
        + [
            "identity", "xchunked", "chunked, identity", "chunked, chunked", "chunked;a=b", ",chunked",
            "chunked,",
            "", "chunked\r\nTransfer-Encoding: identity", "chunked\r\nTransfer-Encoding: chunked",
        ].map { .init(post("Transfer-Encoding: " + $0), 400, "transfer-encoding", "9112 §6.3") }

    static let chunks: [RefusedStream] =
        ["Z", "", "-1", "0x5", "5 ", " 5", "5\t", "5 5", "10000000000000005"].map {
            .init(chunked($0 + "\r\n12345\r\n0\r\n\r\n"), 400, "chunk-size", "9112 §7.1")
        }
        + ["5;", "5;=a", "5;a=", "5;a=\"b", "5;a b", "5;a=b ", "5;;a"].map {
            .init(chunked($0 + "\r\n12345\r\n0\r\n\r\n"), 400, "chunk-extension", "9112 §7.1.1")
        } + [
            .init(chunked("5\n12345\r\n0\r\n\r\n"), 400, "bare-line-feed", "9112 §2.2"),
            .init(chunked("5\r\n12345XX0\r\n\r\n"), 400, "chunk-end", "9112 §7.1"),
            .init(chunked("5\r\n12345\n0\r\n\r\n"), 400, "chunk-end", "9112 §7.1"),
            .init(chunked("5\r\n12345\r\r0\r\n\r\n"), 400, "chunk-end", "9112 §7.1"),
            .init(chunked("800001\r\n"), 413, "content-too-large", "9110 §15.5.14"),
            .init(chunked("8000000000000005\r\n"), 413, "content-too-large", "9110 §15.5.14"),
            .init(
                chunked("5;a=" + String(repeating: "b", count: 1_024)), 400, "chunk-extensions-too-long",
                "9112 §7.1.1"),
            .init(
                chunked(
                    String(repeating: "1;a=" + String(repeating: "b", count: 900) + "\r\nx\r\n", count: 20)),
                400, "chunk-extensions-too-long", "9112 §7.1.1"),
            .init(
                chunked("0\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "field-without-colon", "9112 §5"
            ),
            .init(chunked("0\r\nA : b\r\n\r\n"), 400, "field-name", "9112 §5.1"),
            .init(
                chunked("0\r\n" + (0..<100).map { "X\($0): b\r\n" }.joined()), 431, "too-many-fields",
                "6585 §5"),
        ]

    static let all = requestLines + targets + hosts + fields + framings + chunks
}

/// A stream of one or more good requests, with their bodies.
struct GoodStream: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let bodies: [String]

    init(_ name: String, _ text: String, bodies: [String] = [""]) {
        self.name = name
        bytes = Array(text.utf8)
        self.bodies = bodies
    }

    var testDescription: String { name }

    static let all: [GoodStream] = [
        .init("plain", request()),
        .init("empty lines before", "\r\n\r\n" + request()),
        .init("later minor version", request("GET / HTTP/1.7")),
        .init("1.0 without Host", request("GET / HTTP/1.0", host: nil)),
        .init("absolute form", request("GET http://a:80/x?y=1 HTTP/1.1")),
        .init("absolute form without a path", request("GET HTTP://a HTTP/1.1")),
        .init("asterisk form", request("OPTIONS * HTTP/1.1")),
        .init("absolute form of asterisk", request("OPTIONS http://a HTTP/1.1")),
        .init("empty and blank values", request("GET / HTTP/1.1", ["X-A:", "X-B: \t ", "X-C:\tv\t"])),
        .init(
            "unusual hosts",
            ["[::1]:80", "[::ffff:192.0.2.1]", "a:", "", "a_b%20c"].map { request(host: "Host: " + $0) }
                .joined(),
            bodies: ["", "", "", "", ""]),
        .init(
            "Content-Length", request("POST / HTTP/1.1", ["content-LENGTH: 0005"], body: "12345"),
            bodies: ["12345"]),
        .init("Content-Length 0", request("POST / HTTP/1.1", ["Content-Length: 0"])),
        .init(
            "GET with a body", request("GET / HTTP/1.1", ["Content-Length: 3"], body: "abc"), bodies: ["abc"]),
        .init("one chunk", chunked("5\r\n12345\r\n0\r\n\r\n"), bodies: ["12345"]),
        .init(
            "zeros before a chunk's size",
            chunked(String(repeating: "0", count: 20) + "5\r\n12345\r\n0\r\n\r\n"), bodies: ["12345"]),
        .init("many chunks", chunked("1\r\na\r\n0A\r\n0123456789\r\n000\r\n\r\n"), bodies: ["a0123456789"]),
        .init(
            "chunk extensions", chunked("5;a=b; c = \"d;\\\"e\";f\r\n12345\r\n0 ;g\r\n\r\n"),
            bodies: ["12345"]),
        .init("trailers", chunked("1\r\na\r\n0\r\nContent-Length: 50\r\nX-Sum: 1\r\n\r\n"), bodies: ["a"]),
        .init(
            "pipeline",
            request("POST / HTTP/1.1", ["Content-Length: 2"], body: "ab") + "\r\n" + request()
                + chunked("2\r\ncd\r\n0\r\n\r\n") + request(), bodies: ["ab", "", "cd", ""]),
        .init(
            "transfer coding in capitals",
            request("POST / HTTP/1.1", ["Transfer-Encoding:  CHUNKED "])
                + "0\r\n\r\n"),
    ]
}

import HTTP
import Testing

@Suite struct RequestDecoderTests {
    @Test(arguments: RefusedStream.all)
    func refusesWithStatusAndSection(_ stream: RefusedStream) throws {
        let transcript = Transcript([stream.bytes[...]])
        let refusal = try #require(transcript.refusal)
        #expect(refusal.code == stream.code)
        #expect(refusal.status.code == stream.status)
        #expect(refusal.section.contains(stream.section))
        #expect(transcript.bodies.isEmpty, "nothing of a refused stream may become a request")
    }

    @Test(arguments: GoodStream.all)
    func decodesGoodStreams(_ stream: GoodStream) {
        let transcript = Transcript([stream.bytes[...]])
        #expect(transcript.refusal == nil)
        #expect(transcript.bodies == stream.bodies)
        #expect(transcript.heads.count == stream.bodies.count)
    }

    @Test(arguments: RefusedStream.all)
    func refusesTheSameHoweverTheBytesAreCut(_ stream: RefusedStream) { expectInvariance(stream.bytes) }

    @Test(arguments: GoodStream.all)
    func decodesTheSameHoweverTheBytesAreCut(_ stream: GoodStream) { expectInvariance(stream.bytes) }

    private func expectInvariance(_ bytes: [UInt8]) {
        let whole = Transcript([bytes[...]])
        // Long streams repeat themselves: every cut near both ends, and a sample between.
        let cuts = bytes.indices.filter {
            $0 < 300 || $0 > bytes.count - 40 || $0 % 997 == 0 || $0 % 8_192 < 2
        }
        for cut in cuts {
            for straight in [false, true] {
                let halves = Transcript([bytes[..<cut], bytes[cut...]], straight: straight)
                #expect(halves == whole, "cut at \(cut), straight: \(straight)")
            }
        }
        for straight in [false, true] {
            let single = Transcript(bytes.indices.map { bytes[$0...$0] }, straight: straight)
            #expect(single == whole, "byte by byte, straight: \(straight)")
        }
    }

    @Test func putsNothingStraightThatHasToBeLookedAt() throws {
        var decoder = RequestDecoder()
        func offers(after text: String) throws -> Int {
            decoder.append(Array(text.utf8))
            while try decoder.next() != nil {}
            return decoder.straightBytes
        }
        #expect(try offers(after: "") == 0)
        #expect(try offers(after: request("POST / HTTP/1.1", ["Content-Length: 9"])) == 9)
        #expect(try offers(after: "abcdefg") == 2)
        #expect(try offers(after: "hi") == 0, "the next request's head")
        #expect(try offers(after: chunked("5\r\nab")) == 0, "a chunk's line follows somewhere")
        #expect(try offers(after: "cde\r\n0\r\n\r\n") == 0)
        #expect(try offers(after: request("POST / HTTP/1.1", ["Content-Length: 9"])) == 9)
        decoder.discardBody(limit: 100)
        #expect(decoder.straightBytes == 0, "what is not stored has no place")
    }

    @Test func keepsTheHead() throws {
        let head = try #require(
            Transcript(request("POST /v1/a%20b?x=1&y=a+b%2B&z HTTP/1.0", ["X-A: 1", "x-a: 2"])).heads.first)
        #expect(head.method == .post)
        #expect(head.version == .http10)
        #expect(head.target.path == "/v1/a%20b")
        #expect(head.target.segments == ["v1", "a b"])
        #expect(head.target.query("x") == "1")
        #expect(head.target.query("y") == "a b+")
        #expect(head.target.query("z") == "")
        #expect(head.target.query("none") == nil)
        #expect(head.fields.values(try #require(HTTPFieldName("X-a"))) == ["1", "2"])
        #expect(head.framing == BodyFraming.none)
    }

    @Test func keepsAnEscapedSlashInItsSegment() throws {
        let head = try #require(Transcript(request("GET /a%2Fb/c/ HTTP/1.1")).heads.first)
        #expect(head.target.segments == ["a/b", "c", ""])
    }

    @Test func takesTheHostOfAnAbsoluteTarget() throws {
        let target = try #require(Transcript(request("GET http://b:81/x HTTP/1.1")).heads.first).target
        #expect(target.form == .absolute)
        #expect(target.authority == "b:81")
        #expect(target.path == "/x")
        let secure = Transcript(request("GET https://b/ HTTP/1.1"), isSecure: true)
        #expect(secure.heads.first?.target.authority == "b")
    }

    @Test func passesObsTextThroughUnchanged() throws {
        let bytes =
            Array("GET / HTTP/1.1\r\nHost: a\r\nX-Name: Jos".utf8) + [0xE9, 0x20, 0xC3, 0xA9, 13, 10, 13, 10]
        let head = try #require(Transcript([bytes[...]]).heads.first)
        let name = try #require(HTTPFieldName("x-name"))
        let value = try #require(head.fields[name])
        #expect(value.unicodeScalars.map(\.value) == [0x4A, 0x6F, 0x73, 0xE9, 0x20, 0xC3, 0xA9])
    }

    @Test func keepsTrailersApart() throws {
        let transcript = Transcript(chunked("1\r\na\r\n0\r\nContent-Length: 50\r\n\r\n"))
        #expect(transcript.trailers.first?[.contentLength] == "50")
        #expect(transcript.heads.first?.fields[.contentLength] == nil)
    }

    @Test func heedsTheLimitOfARoute() throws {
        var decoder = RequestDecoder()
        decoder.append(Array(request("POST / HTTP/1.1", ["Content-Length: 11"]).utf8))
        let part = try decoder.next()
        guard case .head? = part else {
            Issue.record("no head")
            return
        }
        decoder.limitBody(to: 10)
        do throws(MessageRefusal) {
            _ = try decoder.next()
            Issue.record("a body beyond the route's limit was accepted")
        } catch {
            #expect(error.code == "content-too-large")
        }
    }

    @Test func holdsNoMoreThanItWasGiven() throws {
        var decoder = RequestDecoder()
        let request = Array(request("POST / HTTP/1.1", ["Content-Length: 5"], body: "12345").utf8)
        for _ in 0..<2_000 {
            decoder.append(request)
            var parts = 0
            while try decoder.next() != nil { parts += 1 }
            #expect(parts == 2)
            #expect(decoder.bufferedBytes == 0)
        }
        #expect(!decoder.isInsideRequest)
    }

    @Test func takesLinearTime() {
        // One byte at a time, a line at its limit over and over: quadratic search would take minutes.
        let fields = (0..<3).map { "X-\($0): " + String(repeating: "b", count: 8_000) }
        let bytes = Array(String(repeating: request("GET / HTTP/1.1", fields), count: 40).utf8)
        let clock = ContinuousClock()
        let taken = clock.measure {
            #expect(Transcript(bytes.indices.map { bytes[$0...$0] }).heads.count == 40)
        }
        #expect(taken < .seconds(10))
    }
}

/// Deterministic noise: SplitMix64 (Steele et al. 2014, doi:10.1145/2714064.2660195).
struct SeededNoise: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

@Suite struct DecoderNoiseTests {
    @Test(arguments: 0..<8)
    func survivesMutatedRequests(seed: Int) {
        var noise = SeededNoise(state: UInt64(seed))
        let corpus = GoodStream.all.map(\.bytes)
        for _ in 0..<1_500 {
            var bytes = corpus[Int.random(in: 0..<corpus.count, using: &noise)]
            for _ in 0..<Int.random(in: 1...4, using: &noise) { mutate(&bytes, &noise) }
            expectInvariance(bytes, &noise)
        }
    }

    @Test(arguments: 0..<4)
    func survivesRandomBytes(seed: Int) {
        var noise = SeededNoise(state: 1_000 + UInt64(seed))
        for _ in 0..<1_000 {
            let count = Int.random(in: 0...200, using: &noise)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &noise) }
            expectInvariance(bytes, &noise)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ noise: inout SeededNoise) {
        let tricky: [UInt8] = [0, 9, 10, 13, 32, 37, 44, 58, 59, 61, 127, 255, 48, 102]
        let place = Int.random(in: 0..<max(1, bytes.count), using: &noise)
        switch Int.random(in: 0..<5, using: &noise) {
        case 0 where !bytes.isEmpty: bytes.remove(at: place)
        case 1 where !bytes.isEmpty: bytes[place] = UInt8.random(in: .min ... .max, using: &noise)
        case 2: bytes.insert(tricky.randomElement(using: &noise) ?? 0, at: min(place, bytes.count))
        case 3: bytes.removeLast(min(bytes.count, place / 4))
        default: bytes += bytes.suffix(place)
        }
    }

    /// The verdict of the whole stream and of one cut into random pieces.
    private func expectInvariance(_ bytes: [UInt8], _ noise: inout SeededNoise) {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...9, using: &noise))
            pieces.append(bytes[start..<end])
            start = end
        }
        #expect(Transcript(pieces) == Transcript([bytes[...]]), "\(bytes)")
    }
}

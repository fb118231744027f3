import HTTP
import Testing

/// Requests, answers and their order.
@Suite struct ConnectionTests {
    @Test func answersAndKeepsTheConnection() {
        let harness = ConnectionHarness()
        harness.receive(request("GET / HTTP/1.1", ["X-Request-Id: abc-1"]))
        #expect(harness.delivered.count == 1)
        #expect(harness.delivered[0].request.requestID == "abc-1")
        #expect(harness.delivered[0].request.remoteAddress == "192.0.2.1")
        harness.respond("hello")
        let expected = [
            "HTTP/1.1 200 OK", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Server: firstlead",
            "X-Request-Id: abc-1",
            "X-Content-Type-Options: nosniff", "Content-Length: 5", "", "hello",
        ].joined(separator: "\r\n")
        #expect(harness.takeSent() == expected)
        #expect(harness.stage == .reading)
        #expect(!harness.hasEndedOutput)
        let report = harness.reports.first
        #expect(report?.route == "/")
        #expect(report?.status == .ok)
        #expect(report?.responseBytes == 5)
        #expect(report?.isComplete == true)
    }

    @Test(arguments: ["a b", "", String(repeating: "x", count: 129), "a\"b", "x\r\nX-Request-Id: y"])
    func replacesUnsafeRequestIDs(_ id: String) {
        let harness = ConnectionHarness()
        harness.receive(request("GET / HTTP/1.1", ["X-Request-Id: " + id]))
        #expect(harness.delivered.first?.request.requestID == "made")
    }

    @Test func answersPipelinedRequestsInOrder() {
        let harness = ConnectionHarness()
        let post = request("POST /upload HTTP/1.1", ["Content-Length: 3"], body: "abc")
        harness.receive(request() + request("GET /nowhere HTTP/1.1") + post + request())
        #expect(harness.delivered.count == 1, "the second waits for the first")
        harness.respond("one")
        #expect(harness.delivered.count == 2)
        #expect(harness.delivered[1].request.body == Array("abc".utf8))
        harness.respond("two")
        harness.respond("three")
        #expect(harness.statuses == [200, 404, 200, 200])
        #expect(harness.stage == .reading)
    }

    @Test func ignoresAnswersThatComeTwiceOrLate() {
        let harness = ConnectionHarness()
        harness.receive(request() + request())
        harness.respond("one", to: 1)
        harness.respond("again", to: 1)
        #expect(harness.statuses == [200])
        #expect(harness.stage == .handling)
        harness.respond("two", to: 2)
        #expect(harness.statuses == [200, 200])
    }

    @Test func startsNothingNewUntilTheAnswerIsTaken() {
        let harness = ConnectionHarness()
        harness.drains = false
        harness.receive(request() + request())
        harness.respond()
        #expect(harness.delivered.count == 1)
        harness.drain()
        #expect(harness.delivered.count == 2)
    }

    @Test func stopsReadingWhenMuchIsPipelined() {
        let harness = ConnectionHarness { $0.pipelinedBytes = 1_000 }
        harness.receive(request())
        #expect(harness.wantsInput, "the client's going away has to be noticed")
        harness.receive(String(repeating: request(), count: 50))
        #expect(!harness.wantsInput)
        for _ in 0...50 { harness.respond() }
        #expect(harness.wantsInput)
        #expect(harness.delivered.count == 51)
    }

    @Test func sendsNoBodyToHeadButItsLength() {
        let harness = ConnectionHarness()
        harness.receive(request("HEAD / HTTP/1.1"))
        harness.respond("hello")
        let sent = harness.takeSent()
        #expect(sent.contains("Content-Length: 5\r\n"))
        #expect(sent.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [204, 304])
    func sendsNoContentWhereNoneIsAllowed(_ code: Int) throws {
        let harness = ConnectionHarness()
        harness.receive(request())
        harness.respond("hello", status: try #require(HTTPStatus(code)))
        let sent = harness.takeSent()
        #expect(!sent.contains("Content-Length"))
        #expect(sent.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", "close", true), ("GET / HTTP/1.1", "x, Close", true),
        ("GET / HTTP/1.1", "keep-alive", false), ("GET / HTTP/1.0", "x", true),
        ("GET / HTTP/1.0", "Keep-Alive", false), ("GET / HTTP/1.0", "keep-alive, close", true),
    ])
    func closesAsTheClientAsks(line: String, option: String, closes: Bool) {
        let harness = ConnectionHarness()
        harness.receive(request(line, ["Connection: " + option]) + request("GET /hidden HTTP/1.1"))
        harness.respond()
        #expect(harness.hasEndedOutput == closes)
        #expect(
            harness.statuses == (closes ? [200] : [200, 404]), "nothing is answered after the last answer")
        #expect(harness.sent.contains("Connection: close") == closes)
        #expect(harness.sent.contains("Connection: keep-alive") == (line.hasSuffix("1.0") && !closes))
    }

    @Test func refusesAndCloses() {
        let harness = ConnectionHarness()
        harness.receive("GET / HTTP/1.1\r\nX-A : b\r\n")
        #expect(harness.statuses == [400])
        #expect(harness.sent.contains("application/problem+json"))
        #expect(harness.sent.contains("RFC 9112 §5.1"))
        #expect(harness.sent.contains("Connection: close"))
        #expect(harness.hasEndedOutput)
        #expect(!harness.isClosed)
        harness.receive(request())
        #expect(harness.statuses == [400])
        harness.endInput()
        #expect(harness.isClosed)
    }
}

/// Answers that do not wait for the body.
@Suite struct EarlyAnswerTests {
    private let upload = "POST /upload HTTP/1.1"

    @Test func invitesTheBody() {
        let harness = ConnectionHarness()
        harness.receive(request(upload, ["Content-Length: 3", "Expect: 100-Continue"]))
        #expect(harness.takeSent() == "HTTP/1.1 100 Continue\r\n\r\n")
        harness.receive("abc")
        harness.respond()
        #expect(harness.statuses == [200])
    }

    @Test(arguments: [
        ("POST /upload HTTP/1.1", "Content-Length: 3", "a"),
        ("POST /upload HTTP/1.1", "Content-Length: 0", ""),
        ("POST /upload HTTP/1.0", "Content-Length: 3", ""), ("GET / HTTP/1.1", "X-A: b", ""),
    ])
    func doesNotInviteWhatComesAnyway(line: String, field: String, body: String) {
        let harness = ConnectionHarness()
        harness.receive(request(line, [field, "Expect: 100-continue"], body: body))
        #expect(harness.sent.isEmpty)
    }

    @Test func refusesOtherExpectations() {
        let harness = ConnectionHarness()
        harness.receive(request("GET / HTTP/1.1", ["Expect: a-pony"]))
        #expect(harness.statuses == [417])
        #expect(!harness.hasEndedOutput)
        harness.receive(request("GET / HTTP/1.0", ["Expect: a-pony", "Connection: keep-alive"]))
        #expect(harness.delivered.count == 1, "HTTP/1.0 has no expectations")
    }

    @Test(arguments: [false, true])
    func refusesBeforeTheBodyIsInvited(expects: Bool) {
        let harness = ConnectionHarness()
        let fields = ["Content-Length: 5"] + (expects ? ["Expect: 100-continue"] : [])
        harness.receive(request("POST /guarded HTTP/1.1", fields))
        #expect(harness.statuses == [401])
        // Whether an uninvited body follows cannot be known: only then the connection ends.
        #expect(harness.hasEndedOutput == expects)
        guard !expects else { return }
        #expect(harness.stage == .discarding)
        harness.receive("12345" + request())
        #expect(harness.delivered.count == 1)
    }

    @Test func readsAwayAShortChunkedBody() {
        let harness = ConnectionHarness()
        harness.receive(request("POST /nowhere HTTP/1.1", ["Transfer-Encoding: chunked"], body: "3\r\nab"))
        #expect(harness.statuses == [404])
        harness.receive("c\r\n0\r\n\r\n" + request())
        #expect(harness.delivered.count == 1)
        #expect(!harness.hasEndedOutput)
    }

    @Test func endsWhenABodyIsTooLongToReadAway() {
        var harness = ConnectionHarness()
        harness.receive(request("POST /nowhere HTTP/1.1", ["Content-Length: 70000"]))
        #expect(harness.statuses == [404])
        #expect(harness.sent.contains("Connection: close"))
        #expect(harness.stage == .lingering)

        harness = ConnectionHarness()
        harness.receive(request("POST /nowhere HTTP/1.1", ["Transfer-Encoding: chunked"], body: "11000\r\n"))
        #expect(harness.statuses == [404])
        #expect(harness.stage == .lingering)
    }

    @Test func refusesATooLongBodyAtOnce() {
        var harness = ConnectionHarness()
        harness.receive(request(upload, ["Content-Length: 10737418240"]))
        #expect(harness.statuses == [413])
        #expect(harness.stage == .lingering)
        #expect(harness.wantsInput, "a client that is still sending must come to read the answer")
        harness.receive(String(repeating: "x", count: 100_000))
        #expect(harness.statuses == [413])

        harness = ConnectionHarness()
        harness.receive(
            request("POST /small HTTP/1.1", ["Content-Length: 11"], body: "12345678901") + request())
        #expect(harness.statuses == [413])
        #expect(harness.delivered.count == 1, "after a short body the connection stays in step")
    }

    @Test func refusesAChunkedBodyWhenItGrowsTooLong() {
        let harness = ConnectionHarness()
        let fields = ["Transfer-Encoding: chunked"]
        harness.receive(request("POST /small HTTP/1.1", fields, body: "a\r\n0123456789\r\n"))
        #expect(harness.sent.isEmpty)
        harness.receive("1\r\n")
        #expect(harness.statuses == [413])
        #expect(harness.stage == .lingering)
    }
}

/// Time, and endings.
@Suite struct ConnectionLifetimeTests {
    @Test func closesASilentConnection() {
        let harness = ConnectionHarness()
        harness.wait(9.9)
        #expect(!harness.isClosed)
        harness.wait(0.2)
        #expect(harness.isClosed)
        #expect(harness.sent.isEmpty)
    }

    @Test func closesAnIdleConnection() {
        let harness = ConnectionHarness()
        harness.receive(request())
        harness.respond()
        harness.wait(59)
        harness.receive("\r\n")
        #expect(!harness.isClosed)
        harness.wait(1.1)
        #expect(harness.isClosed, "an empty line is no request and buys no time")
        #expect(harness.statuses == [200])
    }

    @Test func cutsASlowHead() {
        let harness = ConnectionHarness()
        harness.wait(5)
        for character in "GET / HT" {
            harness.receive(String(character))
            harness.wait(1)
        }
        #expect(harness.sent.isEmpty)
        harness.wait(2)
        #expect(harness.statuses == [408])
        #expect(harness.stage == .lingering)
    }

    @Test func givesAPipelinedHeadItsOwnTime() {
        let harness = ConnectionHarness()
        harness.receive(request() + "GET ")
        harness.wait(100)
        harness.respond()
        harness.wait(9.9)
        #expect(harness.statuses == [200])
        harness.wait(0.2)
        #expect(harness.statuses == [200, 408])
    }

    @Test func cutsADribbledBody() {
        let harness = ConnectionHarness()
        harness.receive(request("POST /upload HTTP/1.1", ["Content-Length: 100000"]))
        var seconds = 0
        while harness.sent.isEmpty, seconds < 100 {
            harness.receive("x")
            harness.wait(1)
            seconds += 1
        }
        #expect(harness.statuses == [408])
        #expect(seconds == 31, "30 s, and a second for each KiB")
    }

    @Test func waitsForASteadyBody() {
        let harness = ConnectionHarness()
        harness.receive(request("POST /upload HTTP/1.1", ["Content-Length: 200000"]))
        for _ in 0..<100 {
            harness.receive(String(repeating: "x", count: 2_000))
            harness.wait(1)
        }
        #expect(harness.delivered.count == 1)
    }

    @Test func takesABodyStraightToItsPlace() {
        let harness = ConnectionHarness()
        #expect(harness.receiveStraight("GET") == 0, "no body is expected")
        harness.receive(request("POST /upload HTTP/1.1", ["Content-Length: 200000"]) + "abc")
        #expect(harness.connection.straightBytes == 199_997)
        for _ in 0..<99 {
            #expect(harness.receiveStraight(String(repeating: "x", count: 2_000)) == 2_000)
            // Each piece earns its time, as those that are handed over do.
            harness.wait(1)
        }
        #expect(
            harness.receiveStraight(String(repeating: "y", count: 2_000)) == 1_997, "not the next request's")
        #expect(harness.delivered.first?.request.body.count == 200_000)
        #expect(harness.delivered.first?.request.body.prefix(5) == [0x61, 0x62, 0x63, 0x78, 0x78])
        #expect(harness.receiveStraight("z") == 0)
    }

    @Test func takesNothingStraightOfABodyThatIsReadAway() {
        let harness = ConnectionHarness()
        harness.receive(request("POST /guarded HTTP/1.1", ["Content-Length: 30000"]))
        #expect(harness.statuses == [401])
        #expect(harness.connection.straightBytes == 0)
    }

    @Test func answersForAHandlerThatTakesTooLong() {
        let harness = ConnectionHarness()
        harness.receive(request())
        harness.wait(121)
        #expect(harness.statuses == [503])
        #expect(harness.cancelled == [1])
        harness.respond()
        #expect(harness.statuses == [503])
    }

    @Test func cutsAClientThatDoesNotRead() {
        let harness = ConnectionHarness()
        harness.drains = false
        harness.receive(request())
        harness.respond(String(repeating: "x", count: 100_000))
        harness.wait(29)
        harness.took(20_480)
        harness.wait(20)
        #expect(!harness.isClosed, "20 KiB bought 20 s")
        harness.wait(2)
        #expect(harness.isClosed)
        #expect(harness.reports.first?.isComplete == false)
    }

    @Test func lingersForALimitedTime() {
        var harness = ConnectionHarness()
        harness.receive("bad\r\n\r\n")
        harness.wait(4.9)
        harness.receive("x")
        harness.wait(4.9)
        #expect(!harness.isClosed)
        harness.wait(0.2)
        #expect(harness.isClosed)

        harness = ConnectionHarness()
        harness.receive("bad\r\n\r\n")
        for _ in 0..<15 {
            harness.receive("x")
            harness.wait(1)
        }
        #expect(harness.isClosed)
    }

    @Test func answersAfterAHalfClose() {
        let harness = ConnectionHarness()
        harness.receive(request() + request())
        harness.endInput()
        #expect(!harness.wantsInput)
        harness.respond("one")
        harness.respond("two")
        #expect(harness.statuses == [200, 200])
        #expect(harness.isClosed)
    }

    @Test(arguments: ["GET / HT", "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n123"])
    func refusesAnIncompleteRequest(_ text: String) {
        let harness = ConnectionHarness()
        harness.receive(text)
        harness.endInput()
        #expect(harness.statuses == [400])
        #expect(harness.sent.contains("RFC 9112 §8"))
        #expect(harness.delivered.isEmpty)
        #expect(harness.isClosed)
    }

    @Test func cancelsWhenTheClientIsGone() {
        let harness = ConnectionHarness()
        harness.receive(request())
        harness.abort()
        #expect(harness.cancelled == [1])
        #expect(harness.isClosed)
        #expect(harness.reports.map(\.isComplete) == [false])
        #expect(harness.reports.first?.status == nil)
        harness.respond()
        #expect(harness.sent.isEmpty)
    }

    @Test func drains() {
        let idle = ConnectionHarness()
        idle.receive(request())
        idle.respond()
        idle.shutDown()
        #expect(idle.isClosed)

        let busy = ConnectionHarness()
        busy.receive(request("POST /upload HTTP/1.1", ["Content-Length: 3"], body: "a"))
        busy.shutDown()
        #expect(!busy.isClosed)
        busy.receive("bc" + request())
        busy.respond()
        #expect(busy.statuses == [200])
        #expect(busy.sent.contains("Connection: close"))
        #expect(busy.hasEndedOutput)
    }

    @Test func saysWhatIsWrongWithANewConnection() {
        let harness = ConnectionHarness()
        harness.connection.refuse(with: .tlsRequired, now: harness.now)
        guard case .send(let output)? = harness.connection.nextAction() else {
            Issue.record("nothing was sent")
            return
        }
        let head = String(decoding: output.head, as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 400 "))
        #expect(head.contains("Connection: close\r\n"))
    }

    @Test func waitsLessForClientsThatOweNothingWhenItStops() {
        let settled = ConnectionHarness()
        settled.receive(request("GET / HTTP/1.1"))
        settled.shutDown()
        settled.respond()
        #expect(settled.hasEndedOutput && !settled.isClosed)
        settled.wait(0.3)
        #expect(settled.isClosed)
        let sending = ConnectionHarness()
        sending.receive(request("POST /small HTTP/1.1", ["Content-Length: 100000"], body: "x"))
        sending.shutDown()
        sending.wait(0.3)
        #expect(sending.hasEndedOutput && !sending.isClosed, "it has not read its answer yet, perhaps")
    }

    @Test func servesOneRequestWhenTold() {
        let harness = ConnectionHarness()
        harness.connection.serveOnce()
        harness.receive(request("GET / HTTP/1.1") + request("GET / HTTP/1.1"))
        harness.respond()
        #expect(harness.delivered.count == 1)
        #expect(harness.sent.contains("Connection: close"))
    }
}

import Dispatch
import HTTP
import Synchronization
import Testing

@Suite(.serialized) struct LiveServerTests {
    @Test func keepsConnections() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        for number in 0..<5 {
            client.send(request("GET /now HTTP/1.1", ["X-Request-Id: id-\(number)"]))
            let answer = try #require(client.answer())
            #expect(answer.status == 200)
            #expect(answer.text == "now")
            #expect(answer.fields["x-request-id"] == "id-\(number)")
            #expect(answer.fields["date"]?.hasSuffix(" GMT") == true)
        }
        // The report comes after the last byte was handed over, which the client may see first.
        _ = try await eventually { live.reports.withLock { $0.count } == 5 ? true : nil }
        await live.stop()
        #expect(client.rest().isEmpty)
        #expect(client.ended)
        #expect(live.server.openConnections == 0)
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        let posts = (0..<50).map {
            request("POST /echo HTTP/1.1", ["Content-Length: 2"], body: $0 < 10 ? "0\($0)" : "\($0)")
        }
        client.send(posts.joined() + request("GET /now HTTP/1.1"))
        for number in 0..<50 { #expect(client.answer().flatMap { Int($0.text) } == number) }
        #expect(client.answer()?.text == "now")
        await live.stop()
    }

    @Test func takesChunkedBodies() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("POST /echo HTTP/1.1", ["Transfer-Encoding: chunked"], body: "3\r\nab"))
        try await Task.sleep(for: .milliseconds(20))
        client.send("c\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
        #expect(client.answer()?.text == "abcde")
        await live.stop()
    }

    @Test(arguments: [65_000, 70_000, 300_000, 5_000_000])
    func takesLargeBodies(count: Int) async throws {
        let live = try LiveServer()
        let client = try live.connect()
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: \(body.count)"]))
        client.send(body)
        #expect(client.answer()?.body == body)
        await live.stop()
    }

    @Test func invitesABody() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3", "Expect: 100-continue"]))
        #expect(client.answer()?.status == 100)
        client.send("abc")
        #expect(client.answer()?.text == "abc")
        await live.stop()
    }

    @Test func answersHeadWithoutABody() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("HEAD /now HTTP/1.1") + request("GET /now HTTP/1.1"))
        #expect(client.answer(hasBody: false)?.fields["content-length"] == "3")
        #expect(client.answer()?.text == "now")
        await live.stop()
    }

    @Test func routes() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        let lines = ["GET /no", "PUT /now", "OPTIONS /now", "OPTIONS *", "BREW /now"]
        client.send(lines.map { request($0 + " HTTP/1.1") }.joined())
        #expect(client.answer()?.status == 404)
        let refused = client.answer()
        #expect(refused?.status == 405)
        #expect(refused?.fields["allow"] == "GET, HEAD, OPTIONS")
        #expect(client.answer()?.status == 204)
        #expect(client.answer()?.status == 204)
        #expect(client.answer()?.status == 501)
        await live.stop()
    }

    @Test func answersWhileTheClientIsStillSending() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("POST /small HTTP/1.1", ["Content-Length: 3000000"]))
        #expect(client.send([UInt8](repeating: 0x78, count: 3_000_000)), "the upload must not be reset")
        let answer = client.answer()
        #expect(answer?.status == 413)
        #expect(answer?.fields["connection"] == "close")
        #expect(client.rest().isEmpty)
        #expect(!client.wasReset)
        await live.stop()
    }

    @Test func answersAHalfClosedClient() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "abc"))
        client.halfClose()
        #expect(client.answer()?.text == "abc")
        #expect(client.rest().isEmpty)
        #expect(client.ended)
        await live.stop()
    }

    @Test func answersForAHandlerThatForgot() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("GET /dropped HTTP/1.1"))
        #expect(client.answer()?.status == 500)
        await live.stop()
    }

    @Test func cutsSlowHeads() async throws {
        let live = try LiveServer { $0.timeouts.header = 0.2 }
        let slow = try live.connect()
        let silent = try live.connect()
        slow.send("GET /now HT")
        #expect(slow.answer()?.status == 408)
        #expect(slow.rest().isEmpty)
        #expect(silent.rest().isEmpty)
        #expect(silent.ended)
        await live.stop()
    }

    @Test func cutsIdleConnections() async throws {
        let live = try LiveServer { $0.timeouts.idle = 0.2 }
        let client = try live.connect()
        client.send(request("GET /now HTTP/1.1"))
        #expect(client.answer()?.status == 200)
        #expect(client.rest().isEmpty)
        #expect(client.ended)
        await live.stop()
    }
}

/// Many clients, bad clients, and the end.
@Suite(.serialized) struct LiveServerLoadTests {
    @Test func servesManyConnections() async throws {
        let live = try LiveServer()
        let clients = try (0..<200).map { _ in try live.connect() }
        for _ in 0..<3 {
            for client in clients {
                client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "abc"))
            }
            for client in clients { #expect(client.answer()?.text == "abc") }
        }
        #expect(live.server.openConnections == 200)
        for client in clients { client.close() }
        await live.stop()
        #expect(live.server.openConnections == 0)
    }

    @Test func refusesBeyondItsLimit() async throws {
        let live = try LiveServer {
            $0.maximumConnections = 2
            $0.maximumRefusals = 1
            // Longer than a busy machine keeps a test from running.
            $0.refusalSeconds = 60
        }
        let busy = try (0..<2).map { _ in try live.connect() }
        for client in busy { client.send(request("GET /held HTTP/1.1")) }
        _ = try await eventually { live.held.withLock { $0.count } == 2 ? true : nil }
        let third = try live.connect()
        _ = try await eventually { live.server.openConnections == 3 ? true : nil }
        let fourth = try live.connect()
        #expect(fourth.rest().isEmpty, "there is no room even for refusing")
        third.send(request("GET /now HTTP/1.1", ["X-Request-Id: third"]))
        let refused = third.answer()
        #expect(refused?.status == 503)
        #expect(refused?.fields["retry-after"] == "1")
        #expect(refused?.fields["x-request-id"] == "third")
        #expect(third.rest().isEmpty && third.ended)
        busy[0].reset()
        _ = try await eventually { live.server.openConnections < 2 ? true : nil }
        let fifth = try live.connect()
        fifth.send(request("GET /now HTTP/1.1"))
        #expect(fifth.answer()?.status == 200)
        await live.stop()
    }

    @Test func answersReservedPathsBeyondItsLimit() async throws {
        let live = try LiveServer {
            $0.maximumConnections = 1
            $0.reservedPaths = ["/now"]
        }
        let busy = try live.connect()
        busy.send(request("GET /held HTTP/1.1"))
        _ = try await live.firstHeld()
        let probe = try live.connect()
        probe.send(request("GET /now HTTP/1.1"))
        let answer = probe.answer()
        #expect(answer?.text == "now")
        #expect(answer?.fields["connection"] == "close")
        #expect(probe.rest().isEmpty && probe.ended)
        let upload = try live.connect()
        upload.send(request("POST /echo HTTP/1.1", ["Content-Length: 100000"]))
        upload.send([UInt8](repeating: 0x78, count: 100_000))
        #expect(upload.answer()?.status == 503)
        #expect(!upload.wasReset)
        await live.stop()
    }

    @Test func letsTheLongestRestMakeRoom() async throws {
        let live = try LiveServer { $0.maximumConnections = 2 }
        let resting = try live.connect()
        let working = try live.connect()
        for client in [resting, working] {
            client.send(request("GET /now HTTP/1.1"))
            #expect(client.answer()?.status == 200)
        }
        try await Task.sleep(for: .seconds(1.2))
        working.send(request("GET /now HTTP/1.1"))
        #expect(working.answer()?.status == 200)
        // Connections take turns on the queues: of two, one finds the connection that rests on its own.
        let fresh = try (0..<2).map { _ in try live.connect() }
        for client in fresh { client.send(request("GET /now HTTP/1.1")) }
        #expect(fresh.map { $0.answer()?.status ?? 0 }.sorted() == [200, 503])
        #expect(resting.rest().isEmpty && resting.ended)
        working.send(request("GET /now HTTP/1.1"))
        #expect(working.answer()?.status == 200)
        await live.stop()
    }

    @Test func givesUpTheSlowestBodyWhenTheyAreTooMuch() async throws {
        let live = try LiveServer {
            $0.ioLoops = 1
            $0.heldBytes = 1_000_000
        }
        let slow = try live.connect()
        slow.send(request("POST /echo HTTP/1.1", ["Content-Length: 4000000"]))
        slow.send([UInt8](repeating: 0x78, count: 600_000))
        try await Task.sleep(for: .milliseconds(100))
        let steady = try live.connect()
        steady.send(request("POST /echo HTTP/1.1", ["Content-Length: 600000"]))
        steady.send([UInt8](repeating: 0x79, count: 600_000))
        let refused = slow.answer()
        #expect(refused?.status == 503)
        #expect(refused?.text.contains("no-room-for-body") == true)
        #expect(steady.answer()?.body.count == 600_000)
        await live.stop()
    }

    @Test func doesNotWaitForClientsThatKeepTheirSocketOpen() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("GET /held HTTP/1.1"))
        let responder = try await live.firstHeld()
        let stopped = Mutex(false)
        let start = ContinuousClock.now
        live.server.shutDown(graceSeconds: 10) { stopped.withLock { $0 = true } }
        live.held.withLock { $0 = [] }
        responder.respond(HTTPResponse(status: .accepted))
        _ = try await eventually { stopped.withLock { $0 } ? true : nil }
        #expect(start.duration(to: .now) < .seconds(3))
        #expect(client.answer()?.status == 202, "and the answer is there to be read")
        withExtendedLifetime(client) {}
    }

    @Test func survivesResets() async throws {
        let live = try LiveServer()
        for _ in 0..<20 {
            let reader = try live.connect(receiveBuffer: 4_096)
            reader.send(request("GET /large HTTP/1.1"))
            reader.reset()
            let sender = try live.connect()
            sender.send(request("POST /echo HTTP/1.1", ["Content-Length: 100000"], body: "x"))
            sender.reset()
        }
        _ = try await eventually { live.server.openConnections == 0 ? true : nil }
        let client = try live.connect()
        client.send(request("GET /now HTTP/1.1"))
        #expect(client.answer()?.status == 200)
        await live.stop()
    }

    @Test func tellsTheHandlerThatTheClientIsGone() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("GET /held HTTP/1.1"))
        let responder = try await live.firstHeld()
        #expect(!responder.isCancelled)
        client.halfClose()
        _ = try await eventually { responder.isHalfClosed ? true : nil }
        #expect(client.answer()?.status == 100, "the probe, which a waiting client skips")
        try await Task.sleep(for: .milliseconds(600))
        #expect(!responder.isCancelled, "it is still reading")
        let other = try live.connect()
        other.send(request("GET /held HTTP/1.1"))
        let second = try await eventually { live.held.withLock { $0.count > 1 ? $0.last : nil } }
        other.reset()
        _ = try await eventually { second.isCancelled ? true : nil }
        second.respond(HTTPResponse(status: .ok))
        responder.respond(HTTPResponse(status: .ok))
        #expect(client.answer()?.status == 200)
        await live.stop()
    }

    @Test func cancelsTheWorkOfAClientThatClosed() async throws {
        let live = try LiveServer()
        let client = try live.connect()
        client.send(request("GET /held HTTP/1.1"))
        let responder = try await live.firstHeld()
        client.close()
        _ = try await eventually { responder.isCancelled ? true : nil }
        _ = try await eventually { live.server.openConnections == 0 ? true : nil }
        await live.stop()
    }

    @Test func waitsForASlowReader() async throws {
        let live = try LiveServer()
        let client = try live.connect(receiveBuffer: 16_384)
        client.send(request("GET /large HTTP/1.1"))
        try await Task.sleep(for: .milliseconds(200))
        let other = try live.connect()
        other.send(request("GET /now HTTP/1.1"))
        #expect(other.answer()?.status == 200, "a full network holds up nobody else")
        client.send(request("GET /now HTTP/1.1", ["Connection: close"]))
        let everything = client.rest()
        #expect(everything.utf8.count > LiveServer.largeBytes)
        #expect(everything.hasSuffix("\r\n\r\nnow"))
        await live.stop()
    }

    @Test func cutsAClientThatDoesNotRead() async throws {
        let live = try LiveServer {
            $0.timeouts.write = 0.2
            $0.timeouts.minimumBytesPerSecond = 1e12
        }
        let client = try live.connect(receiveBuffer: 4_096)
        client.send(request("GET /large HTTP/1.1"))
        _ = try await eventually { live.reports.withLock { $0.first } }
        #expect(live.reports.withLock { $0.first?.isComplete } == false)
        _ = try await eventually { live.server.openConnections == 0 ? true : nil }
        client.close()
        await live.stop()
    }

    @Test func finishesRequestsUnderWayWhenItStops() async throws {
        let live = try LiveServer()
        let idle = try live.connect()
        idle.send(request("GET /now HTTP/1.1"))
        #expect(idle.answer()?.status == 200)
        let busy = try live.connect()
        busy.send(request("GET /held HTTP/1.1"))
        let responder = try await live.firstHeld()
        let uploading = try live.connect()
        uploading.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "a"))
        try await Task.sleep(for: .milliseconds(50))

        let stopped = Mutex(false)
        live.server.shutDown(graceSeconds: 10) { stopped.withLock { $0 = true } }
        #expect(idle.rest().isEmpty)
        #expect(idle.ended)
        #expect(RawClient(live.address) == nil, "nobody new is let in")
        uploading.send("bc")
        let uploaded = uploading.answer()
        #expect(uploaded?.text == "abc")
        #expect(uploaded?.fields["connection"] == "close")
        #expect(!stopped.withLock { $0 })
        live.held.withLock { $0 = [] }
        responder.respond(HTTPResponse(status: .accepted))
        #expect(busy.answer()?.status == 202)
        busy.close()
        uploading.close()
        _ = try await eventually { stopped.withLock { $0 } ? true : nil }
        #expect(live.server.openConnections == 0)
    }

    @Test func cutsWhatDoesNotFinish() async throws {
        let live = try LiveServer()
        let busy = try live.connect()
        busy.send(request("GET /held HTTP/1.1"))
        let responder = try await live.firstHeld()
        await live.server.shutDown(graceSeconds: 0.2)
        #expect(responder.isCancelled)
        #expect(busy.answer() == nil)
        #expect(live.server.openConnections == 0)
    }

    @Test func saysWhyItCannotListen() throws {
        let live = try LiveServer()
        var configuration = ServerConfiguration()
        configuration.port = live.address.port
        let second = HTTPServer(configuration: configuration, router: Router())
        let error = #expect(throws: ListenError.self) { try second.start() }
        #expect(error?.operation == "bind")
        #expect(error?.port == live.address.port)
        live.server.shutDown(graceSeconds: 0) {}
    }
}

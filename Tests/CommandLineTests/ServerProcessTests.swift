import Bytes
import Foundation
import TestSupport
import Testing

/// The server as a process: its probes, its signals and its limits.
@Suite(.serialized) struct ServerProcessTests {
    private static let ecg = "Demonstration/ecg/ptbxl00173.zip"

    @Test func answersWhatNeedsNoECG() throws {
        let server = try RunningServer()
        for probe in ["livez", "readyz"] {
            let exchange = try Curl.send("\(server.address)/\(probe)")
            #expect(exchange.status == 200)
            #expect(exchange.text == "ok\n")
            let head = try Curl.send("\(server.address)/\(probe)", "--head")
            #expect(head.status == 200)
            #expect(head.fields["content-length"] == "3")
            #expect(head.body.isEmpty || head.text.hasPrefix("HTTP/1.1 200"))
        }
        let description = try Curl.send("\(server.address)/openapi.yaml")
        #expect(try description.body == Repository.bytes("openapi.yaml"))
        let models = try Curl.send("\(server.address)/v1/models")
        #expect(models.fields["content-type"] == "application/json")
        let verified = try Tool.run("bundle", "verify", "Bundles/demonstration", "--json")
        #expect(try JSONValue.parse(models.body) == verified.document)
        #expect(server.stop() == 0)
    }

    @Test func tellsAnUnknownPathFromAWrongMethod() throws {
        let server = try RunningServer()
        let unknown = try Curl.send("\(server.address)/v2/assessments")
        #expect(unknown.status == 404)
        #expect(unknown.fields["content-type"] == "application/problem+json")
        #expect(try JSONValue.parse(unknown.body)["status"]?.integer == 404)
        for (method, path, allowed) in [
            ("GET", "/v1/assessments", ["POST", "OPTIONS"]),
            ("DELETE", "/v1/models", ["GET", "HEAD", "OPTIONS"]),
            ("POST", "/livez", ["GET", "HEAD", "OPTIONS"]),
        ] {
            let wrong = try Curl.send(server.address + path, "-X", method)
            #expect(wrong.status == 405, "\(method) \(path)")
            let allow = wrong.fields["allow"]?.components(separatedBy: ", ")
            #expect(allow == allowed, "\(method) \(path)")
            #expect(try JSONValue.parse(wrong.body)["status"]?.integer == 405)
        }
    }

    @Test func carriesTheRequestIDThrough() throws {
        let server = try RunningServer()
        let url = "\(server.address)/v1/assessments"
        let named = try Curl.send(url, "--data-binary", "@\(Self.ecg)", "-H", "X-Request-Id: unit-7.42")
        #expect(named.status == 200)
        #expect(named.fields["x-request-id"] == "unit-7.42")
        #expect(try JSONValue.parse(named.body)["requestId"]?.string == "unit-7.42")
        let refused = try Curl.send(url, "--data-binary", "no ECG", "-H", "X-Request-Id: unit-7.43")
        #expect(refused.status == 415)
        #expect(refused.fields["x-request-id"] == "unit-7.43")
        #expect(try JSONValue.parse(refused.body)["instance"]?.string == "urn:firstlead:request:unit-7.43")
        // What could break a log line or a document is replaced, not passed on.
        let strange = try Curl.send(url, "--data-binary", "@\(Self.ecg)", "-H", "X-Request-Id: a \"b\" {c}")
        #expect(strange.status == 200)
        let given = try #require(strange.fields["x-request-id"])
        #expect(UUID(uuidString: given) != nil)
        #expect(try JSONValue.parse(strange.body)["requestId"]?.string == given)
    }

    @Test func answersWhatIsUnderWayWhenToldToStop() throws {
        let server = try RunningServer()
        let body = try Repository.bytes(Self.ecg)
        let post = try UnfinishedPost("\(server.address)/v1/assessments", body, requestID: "late")
        server.process.terminate()
        try wait("draining") { server.log.contains("draining") }
        // New clients are not let in any more.
        try wait("the socket to close") {
            try Tool.run(Curl.binary, ["--silent", "--max-time", "5", "\(server.address)/livez"]).status == 7
        }
        #expect(server.process.isRunning)
        let answer = try post.finish()
        #expect(answer.status == 200)
        #expect(answer.fields["connection"]?.lowercased() == "close")
        let scored = try Tool.run("score", Self.ecg, "--json")
        let risk = try #require(try scored.document[path: "0/risk/rawScore"]?.double)
        #expect(try JSONValue.parse(answer.body)[path: "risk/rawScore"]?.double == risk)
        server.process.waitUntilExit()
        #expect(server.process.terminationReason == .exit)
        #expect(server.process.terminationStatus == 0)
        #expect(server.log.contains("stopped"))
        // The last answer is in the access log too.
        #expect(
            server.log.split(separator: "\n").contains { $0.contains("\"late\"") && $0.contains("200") })
    }

    @Test func saysNotReadyAndServesOnWhileALameDuck() throws {
        let server = try RunningServer(["--lame-duck", "2"])
        server.process.terminate()
        try wait("draining", seconds: 2) { server.log.contains("draining") }
        let ready = try Tool.run(
            "/usr/bin/curl", ["--silent", "\(server.address)/readyz", "--write-out", "%{http_code}"])
        #expect(ready.output.contains("urn:firstlead:problem:draining"))
        #expect(ready.output.hasSuffix("503"))
        let scored = try Tool.run(
            "/usr/bin/curl",
            [
                "--silent", "--data-binary", "@\(Self.ecg)", "\(server.address)/v1/assessments",
                "--write-out", "%{http_code}",
            ])
        #expect(scored.output.hasSuffix("200"))
        server.process.waitUntilExit()
        #expect(server.process.terminationStatus == 0)
    }

    @Test func cutsWhatIsUnderWayAfterTheGrace() throws {
        let server = try RunningServer(["--grace", "0.5"])
        let body = try Repository.bytes(Self.ecg)
        let post = try UnfinishedPost("\(server.address)/v1/assessments", body, requestID: "never")
        let start = Date.now
        server.process.terminate()
        try wait("the end of the grace", seconds: 8) { !server.process.isRunning }
        #expect(Date.now.timeIntervalSince(start) >= 0.5)
        #expect(server.process.terminationReason == .exit && server.process.terminationStatus == 0)
        withExtendedLifetime(post) {}
    }

    @Test(arguments: [(SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGTERM, SIGINT)])
    func endsAtOnceAtASecondSignal(first: Int32, second: Int32) throws {
        let server = try RunningServer()
        let body = try Repository.bytes(Self.ecg)
        let post = try UnfinishedPost("\(server.address)/v1/assessments", body, requestID: "lost")
        kill(server.process.processIdentifier, first)
        try wait("draining") { server.log.contains("draining") }
        Thread.sleep(forTimeInterval: 0.2)
        try #require(server.process.isRunning)
        kill(server.process.processIdentifier, second)
        try wait("the end of the process", seconds: 3) { !server.process.isRunning }
        #expect(server.process.terminationReason == .exit)
        #expect(server.process.terminationStatus == 128 + second)
        #expect(!server.log.contains("stopped"))
        withExtendedLifetime(post) {}
    }

    @Test func saysThatThePortIsTaken() throws {
        let server = try RunningServer()
        let place = try #require(server.address.components(separatedBy: "//").last)
        let second = try Tool.run("serve", "--listen", place)
        #expect(second.status == 69)
        #expect(second.errors.contains("cannot listen on 127.0.0.1"), "\(second.errors)")
        #expect(try Curl.send("\(server.address)/readyz").status == 200)
    }

    /// Many at once on a queue for one: each is answered or told when to come back, and nothing is lost.
    @Test func refusesWhatTheQueueCannotHold() throws {
        let server = try RunningServer(["--queue", "1", "--threads", "1"])
        let count = 60
        let folder = try TemporaryFolder()
        var arguments = [
            "--silent", "--show-error", "--parallel", "--parallel-immediate", "--parallel-max", "\(count)",
            "--max-time", "60", "--data-binary", "@\(Self.ecg)", "--write-out",
            "%{http_code} %{size_download} %header{retry-after}\\n",
        ]
        for index in 0..<count {
            arguments += ["--output", folder.path("\(index)"), "\(server.address)/v1/assessments"]
        }
        let outcome = try Tool.run(Curl.binary, arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == count)
        let answered = lines.count { $0[0] == "200" }
        let refused = lines.filter { $0[0] == "503" }
        #expect(answered >= 1 && !refused.isEmpty && answered + refused.count == count, "\(outcome.output)")
        for line in refused {
            #expect(line.count == 3 && (1...120).contains(Int(line[2]) ?? 0), "\(line)")
        }
        try checkBodies(folder, answered: answered)
        try wait("the access log") {
            server.log.contains(" on ") && server.log.split(separator: "\n").count > count
        }
        #expect(server.stop() == 0)
        let statuses = server.log.split(separator: "\n").filter { $0.contains("/v1/assessments") }
        #expect(statuses.count == count)
        #expect(statuses.count { $0.contains("\"status\":200") } == answered)
        #expect(statuses.count { $0.contains("\"status\":503") } == refused.count)
    }

    /// Every body is whole: the one score, or the problem.
    private func checkBodies(_ folder: TemporaryFolder, answered: Int) throws {
        var scores: [Double] = []
        var problems = 0
        for name in folder.files {
            let document = try JSONValue.parse(folder.bytes(name))
            if let score = document[path: "risk/rawScore"]?.double {
                scores.append(score)
            } else {
                #expect(document["type"]?.string == "urn:firstlead:problem:queue-full")
                problems += 1
            }
        }
        #expect(scores.count == answered && Set(scores).count == 1)
        #expect(problems == folder.files.count - answered)
    }
}

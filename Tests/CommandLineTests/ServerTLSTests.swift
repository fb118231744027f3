import Foundation
import TestSupport
import Testing

/// `serve` with TLS, spoken to by curl, and what is told to the service manager.
@Suite(.serialized) struct ServerTLSTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try certificate("first", "/CN=localhost")
    }

    /// A self-signed certificate for localhost, which curl is told to trust.
    private func certificate(_ name: String, _ subject: String) throws {
        let outcome = try Tool.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", subject, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", folder.path("\(name).key"), "-out", folder.path("\(name).pem"),
            ])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private var flags: [String] {
        ["--tls-cert", folder.path("first.pem"), "--tls-key", folder.path("first.key")]
    }

    @Test func servesAndTakesNewCertificates() throws {
        let server = try RunningServer(flags)
        #expect(server.address.hasPrefix("https://"))
        let old = folder.path("old.pem")
        try FileManager.default.copyItem(atPath: folder.path("first.pem"), toPath: old)
        let scored = try Curl.send(
            "\(server.address)/v1/assessments", "--cacert", old, "--data-binary",
            "@Demonstration/ecg/ptbxl00173.zip")
        #expect(scored.status == 200)
        #expect(scored.fields["strict-transport-security"] == "max-age=31536000")

        try folder.write("nothing", to: "first.pem")
        kill(server.process.processIdentifier, SIGHUP)
        try wait("a refused reload") { server.log.contains("TLS files in use are kept") }
        #expect(try Curl.send("\(server.address)/livez", "--cacert", old).status == 200)

        try certificate("first", "/O=Renewed/CN=localhost")
        kill(server.process.processIdentifier, SIGHUP)
        try wait("a reload") { server.log.contains("TLS files were read anew") }
        let renewed = folder.path("first.pem")
        #expect(try Curl.send("\(server.address)/livez", "--cacert", renewed).status == 200)
        let refused = try Tool.run(Curl.binary, ["--silent", "--cacert", old, "\(server.address)/livez"])
        #expect(refused.status == 60)
        #expect(server.stop() == 0)
    }

    @Test func answersProbesOnAnAddressOfTheirOwn() throws {
        let arguments =
            flags + ["--tls-client-ca", folder.path("first.pem"), "--admin-listen", "127.0.0.1:0"]
        let server = try RunningServer(arguments + ["--lame-duck", "2"])
        try wait("the probes' address") { server.log.contains("probes on http://") }
        let line = try #require(server.log.split(separator: "\n").first { $0.contains("probes on http://") })
        let admin = try #require(line.components(separatedBy: " on ").last)
        #expect(try Curl.send("\(admin)/readyz").status == 200)
        #expect(try Curl.send("\(admin)/v1/models").status == 404)
        let stranger = try Tool.run(
            Curl.binary, ["--silent", "--cacert", folder.path("first.pem"), "\(server.address)/livez"])
        #expect(stranger.status != 0)
        try wait("the reason in the log") { server.log.contains("TLS handshake with 127.0.0.1 failed") }
        let own = try Curl.send(
            "\(server.address)/livez", "--cacert", folder.path("first.pem"), "--cert",
            folder.path("first.pem"), "--key", folder.path("first.key"))
        #expect(own.status == 200)
        server.process.terminate()
        try wait("draining") { server.log.contains("draining") }
        #expect(try Curl.send("\(admin)/readyz").status == 503)
        server.process.waitUntilExit()
        #expect(server.process.terminationStatus == 0)
    }

    @Test func tellsTheServiceManagerHowItDoes() throws {
        let socket = try DatagramSocket(folder.path("notify"))
        let server = try RunningServer(
            environment: ["NOTIFY_SOCKET": folder.path("notify"), "WATCHDOG_USEC": "200000"])
        #expect(socket.receive().hasPrefix("READY=1\nSTATUS=serving demonstration"))
        for _ in 0..<3 { #expect(socket.receive() == "WATCHDOG=1") }
        func next() -> String {
            var state = socket.receive()
            while state == "WATCHDOG=1" { state = socket.receive() }
            return state
        }
        kill(server.process.processIdentifier, SIGHUP)
        #expect(next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(next().hasPrefix("READY=1\n"))
        server.process.terminate()
        #expect(next() == "STOPPING=1\nSTATUS=draining")
        server.process.waitUntilExit()
        #expect(server.process.terminationStatus == 0)
    }

    @Test(arguments: [
        (["--tls-cert", "a.pem"], 64), (["--tls-client-ca", "a.pem"], 64),
        (["--tls-cert", "a.pem", "--tls-key", "a.key", "--tls-min-version", "1.1"], 64),
        (["--tls-cert", "/nonexistent.pem", "--tls-key", "/nonexistent.key"], 78),
    ])
    func refusesWhatCannotBeServed(arguments: [String], status: Int) throws {
        let outcome = try Tool.run(Tool.binary, ["serve"] + arguments)
        #expect(Int(outcome.status) == status, "\(outcome.errors)")
    }
}

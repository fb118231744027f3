import COpenSSL
import HTTP
import TestSupport
import Testing

/// Handshakes: what is agreed, and what is refused.
@Suite(.serialized) struct TLSHandshakeTests {
    let certificates: TestCertificates

    init() throws { certificates = try TestCertificates.shared.get() }

    @Test(arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func speaksBothVersions(version: Int32, name: String) async throws {
        let live = try LiveServer { $0.tls = try ServerTLS(certificates.configuration("localhost")) }
        let client = try #require(TLSClient(live.address) { $0.maximumVersion = version })
        #expect(client.failure == nil)
        #expect(client.version == name)
        #expect(client.cipher.contains("GCM") || client.cipher.contains("CHACHA20"))
        for _ in 0..<3 {
            client.send(request("GET /now HTTP/1.1"))
            let answer = client.answer()
            #expect(answer?.text == "now")
            #expect(answer?.fields["strict-transport-security"] == "max-age=31536000")
        }
        await live.stop()
        #expect(client.rest().isEmpty)
        #expect(client.gotCloseNotify)
    }

    @Test(arguments: [
        (TLS1_1_VERSION, "ALL:@SECLEVEL=0"), (TLS1_VERSION, "ALL:@SECLEVEL=0"),
        (TLS1_2_VERSION, "kRSA:@SECLEVEL=0"), (TLS1_2_VERSION, "aNULL:eNULL:@SECLEVEL=0"),
        (TLS1_2_VERSION, "ECDHE+AES+SHA:!AESGCM:!AESCCM:@SECLEVEL=0"), (TLS1_2_VERSION, "DHE:@SECLEVEL=0"),
    ])
    func refusesWhatIsOld(version: Int32, ciphers: String) async throws {
        let live = try LiveServer { $0.tls = try ServerTLS(certificates.configuration("localhost")) }
        let client = try #require(
            TLSClient(live.address) {
                $0.minimumVersion = TLS1_VERSION
                $0.maximumVersion = version
                $0.ciphers = ciphers
            })
        #expect(client.failure != nil)
        await live.stop()
    }

    @Test func speaksOnlyTheNewestWhenToldTo() async throws {
        var configuration = certificates.configuration("localhost")
        configuration.minimumVersion = .tls13
        let live = try LiveServer { $0.tls = try ServerTLS(configuration) }
        let old = try #require(TLSClient(live.address) { $0.maximumVersion = TLS1_2_VERSION })
        #expect(old.failure?.contains("protocol version") == true)
        #expect(try #require(TLSClient(live.address)).failure == nil)
        await live.stop()
    }

    @Test func choosesTheProtocolOrSaysThatThereIsNone() async throws {
        let live = try LiveServer { $0.tls = try ServerTLS(certificates.configuration("localhost")) }
        let both = try #require(TLSClient(live.address) { $0.protocols = ["h2", "http/1.1"] })
        #expect(both.chosenProtocol == "http/1.1")
        let newer = try #require(TLSClient(live.address) { $0.protocols = ["h2"] })
        #expect(newer.failure == "tlsv1 alert no application protocol")
        let silent = try #require(TLSClient(live.address))
        #expect(silent.failure == nil && silent.chosenProtocol.isEmpty)
        await live.stop()
    }

    @Test(arguments: [
        ("first.test", "/CN=first.test"), ("FIRST.test", "/CN=first.test"), ("a.wild.test", "/CN=wild.test"),
        ("b.a.wild.test", "/CN=localhost"), ("wild.test", "/CN=localhost"), ("other.test", "/CN=localhost"),
        (nil, "/CN=localhost"),
    ])
    func choosesTheCertificateByName(name: String?, subject: String) async throws {
        let configuration = certificates.configuration("localhost", "first", "wild")
        let live = try LiveServer { $0.tls = try ServerTLS(configuration) }
        let client = try #require(TLSClient(live.address) { $0.serverName = name })
        #expect(client.serverSubject == subject)
        await live.stop()
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func resumesSessionsWhileTheirKeyLives(version: Int32) async throws {
        var configuration = certificates.configuration("localhost", "first")
        configuration.ticketKeySeconds = 1
        let tls = try ServerTLS(configuration)
        let live = try LiveServer { $0.tls = tls }
        func connect(_ session: TLSClient.Session?) throws -> TLSClient {
            let client = try #require(
                TLSClient(live.address) {
                    $0.maximumVersion = version
                    $0.serverName = "first.test"
                    $0.resumed = session
                })
            client.send(request("GET /now HTTP/1.1"))
            #expect(client.answer()?.text == "now")
            return client
        }
        let session = try #require(try connect(nil).takeSession())
        let second = try connect(session)
        #expect(second.wasResumed)
        let next = try #require(second.takeSession())
        #expect(try connect(next).wasResumed)
        // A client of TLS 1.3 that was given no other could resume every second connection only.
        #expect((next.ticket == session.ticket) == (version == TLS1_2_VERSION))
        try tls.reload()
        let renewed = try connect(session)
        #expect(!renewed.wasResumed, "a reload ends sessions, since it may have changed who is let in")
        try await Task.sleep(for: .seconds(2.1))
        #expect(try !connect(renewed.takeSession()).wasResumed)
        await live.stop()
    }

    @Test func takesBytesOneAtATime() async throws {
        let live = try LiveServer { $0.tls = try ServerTLS(certificates.configuration("localhost")) }
        let client = try #require(TLSClient(live.address) { $0.pieceBytes = 1 })
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "abc"))
        #expect(client.answer()?.text == "abc")
        await live.stop()
    }

    @Test func cutsAHandshakeThatStalls() async throws {
        var configuration = certificates.configuration("localhost")
        configuration.handshakeTimeout = 0.3
        let live = try LiveServer { $0.tls = try ServerTLS(configuration) }
        let stalled = try live.connect()
        stalled.send([0x16, 0x03, 0x01])
        let silent = try live.connect()
        #expect(stalled.rest().isEmpty && stalled.ended)
        #expect(silent.rest().isEmpty && silent.ended)
        await live.stop()
    }

    @Test func answersClearTextInClearText() async throws {
        let live = try LiveServer { $0.tls = try ServerTLS(certificates.configuration("localhost")) }
        let client = try live.connect()
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "abc"))
        let answer = client.answer()
        #expect(answer?.status == 400)
        #expect(answer?.text.contains("urn:firstlead:problem:http:tls-required") == true)
        #expect(answer?.fields["connection"] == "close")
        #expect(client.rest().isEmpty && client.ended)
        let noise = try live.connect()
        noise.send(Array(0..<200))
        #expect(!noise.rest().hasPrefix("HTTP"))
        await live.stop()
    }
}

/// Clients with certificates.
@Suite(.serialized) struct MutualTLSTests {
    let certificates: TestCertificates

    init() throws { certificates = try TestCertificates.shared.get() }

    /// Whether a client is served, and the alert if it is not.
    private func outcome(
        _ live: LiveServer, _ name: String?, version: Int32
    ) throws -> (isServed: Bool, alert: String?) {
        let client = try #require(
            TLSClient(live.address) {
                $0.identity = name.map(certificates.identity)
                $0.maximumVersion = version
            })
        client.send(request("GET /now HTTP/1.1"))
        return (client.answer()?.text == "now", client.failure)
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func letsInWhomTheAuthorityVouchesFor(version: Int32) async throws {
        var configuration = certificates.configuration("localhost")
        configuration.clientAuthorityFile = certificates.path("clients.pem")
        let failures = Failures()
        let live = try LiveServer {
            $0.tls = try ServerTLS(configuration)
            $0.onHandshakeFailure = { reason, _ in failures.add(reason) }
        }
        #expect(try outcome(live, "ambulance", version: version).isServed)
        #expect(try outcome(live, "stranger", version: version).isServed)
        let nobody = try outcome(live, nil, version: version)
        #expect(!nobody.isServed && nobody.alert != nil)
        let impostor = try outcome(live, "impostor", version: version)
        #expect(!impostor.isServed)
        #expect(impostor.alert == "tlsv1 alert unknown ca")
        #expect(failures.all.count == 2)
        #expect(failures.all.first?.contains("peer did not return a certificate") == true)
        await live.stop()
    }

    @Test(arguments: ["CN=ambulance-7,O=Example", "DNS:a7.test"])
    func letsInWhomTheListNames(subject: String) async throws {
        var configuration = certificates.configuration("localhost")
        configuration.clientAuthorityFile = certificates.path("clients.pem")
        configuration.clientSubjects = [subject, "CN=nobody"]
        let live = try LiveServer { $0.tls = try ServerTLS(configuration) }
        #expect(try outcome(live, "ambulance", version: TLS1_3_VERSION).isServed)
        let stranger = try outcome(live, "stranger", version: TLS1_3_VERSION)
        #expect(!stranger.isServed && stranger.alert?.contains("alert") == true)
        await live.stop()
    }
}

/// The bytes of requests and answers, the end of connections, and changed files.
@Suite(.serialized) struct TLSTrafficTests {
    let certificates: TestCertificates

    init() throws { certificates = try TestCertificates.shared.get() }

    private func live(_ adjust: (inout ServerConfiguration) -> Void = { _ in }) throws -> LiveServer {
        try LiveServer {
            $0.tls = try ServerTLS(certificates.configuration("localhost"))
            adjust(&$0)
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION], [0, 1, 16_000, 16_384, 16_385, 400_000])
    func carriesBodiesOfAnySize(version: Int32, count: Int) async throws {
        let live = try live()
        let client = try #require(TLSClient(live.address) { $0.maximumVersion = version })
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for _ in 0..<2 {
            client.send(request("POST /echo HTTP/1.1", ["Content-Length: \(count)"]))
            client.send(body)
            #expect(client.answer()?.body == body)
        }
        await live.stop()
    }

    @Test func waitsForASlowReader() async throws {
        let live = try live()
        let client = try #require(TLSClient(live.address) { $0.receiveBuffer = 16_384 })
        client.send(request("GET /large HTTP/1.1"))
        try await Task.sleep(for: .milliseconds(100))
        let other = try #require(TLSClient(live.address))
        other.send(request("GET /now HTTP/1.1"))
        #expect(other.answer()?.text == "now")
        client.send(request("GET /now HTTP/1.1", ["Connection: close"]))
        let everything = client.rest()
        #expect(everything.count > LiveServer.largeBytes)
        #expect(everything.suffix(3) == Array("now".utf8)[...])
        #expect(client.gotCloseNotify)
        await live.stop()
    }

    @Test func endsIdleConnectionsWithANotice() async throws {
        let live = try live { $0.timeouts.idle = 0.2 }
        let client = try #require(TLSClient(live.address))
        client.send(request("GET /now HTTP/1.1"))
        #expect(client.answer()?.status == 200)
        #expect(client.rest().isEmpty)
        #expect(client.gotCloseNotify)
        await live.stop()
    }

    @Test func answersAClientThatHasFinishedSending() async throws {
        let live = try live()
        let client = try #require(TLSClient(live.address))
        client.send(request("POST /echo HTTP/1.1", ["Content-Length: 3"], body: "abc"))
        client.endOutput()
        #expect(client.answer()?.text == "abc")
        await live.stop()
    }

    @Test func doesNotTakeATruncatedRequest() async throws {
        let live = try live()
        let client = try #require(TLSClient(live.address))
        client.send(request("POST /echo HTTP/1.1", ["Transfer-Encoding: chunked"], body: "3\r\nabc\r\n"))
        client.raw.halfClose()
        #expect(client.answer()?.status == 400)
        await live.stop()
    }

    @Test func endsAConnectionThatWasTamperedWith() async throws {
        let live = try live()
        let client = try #require(TLSClient(live.address))
        client.send(request("GET /now HTTP/1.1"))
        #expect(client.answer()?.status == 200)
        client.raw.send([0x17, 0x03, 0x03, 0x00, 0x20] + [UInt8](repeating: 7, count: 32))
        #expect(client.rest().isEmpty)
        #expect(client.failure?.contains("bad record mac") == true)
        await live.stop()
    }

    @Test func readsItsFilesAnew() async throws {
        let names = ["localhost.pem", "localhost.key"]
        let folder = try certificates.copies(of: names)
        let tls = try ServerTLS(
            TLSConfiguration(identities: [
                .init(certificateFile: folder.path(names[0]), keyFile: folder.path(names[1]))
            ]))
        let live = try live { $0.tls = tls }
        let before = try #require(TLSClient(live.address))
        #expect(before.serverSubject == "/CN=localhost")

        try folder.write("no certificate", to: names[0])
        #expect(throws: TLSError.self) { try tls.reload() }
        #expect(try #require(TLSClient(live.address)).serverSubject == "/CN=localhost")

        for (name, part) in zip(names, ["pem", "key"]) {
            let renewed = try certificates.copies(of: ["renewed.\(part)"]).bytes("renewed.\(part)")
            try folder.write(renewed, to: name)
        }
        try tls.reload()
        #expect(try #require(TLSClient(live.address)).serverSubject == "/O=Renewed/CN=localhost")
        before.send(request("GET /now HTTP/1.1"))
        #expect(before.answer()?.text == "now", "connections go on as they are")
        await live.stop()
    }
}

/// Files that are not as they should be.
@Suite struct TLSFilesTests {
    let certificates: TestCertificates

    init() throws { certificates = try TestCertificates.shared.get() }

    private func failure(_ configuration: TLSConfiguration) -> TLSError? {
        #expect(throws: TLSError.self) { try ServerTLS(configuration) }
    }

    @Test func namesTheFileAtFault() throws {
        #expect(failure(TLSConfiguration(identities: []))?.step == .noIdentity)
        var absent = certificates.identity("localhost")
        absent.keyFile += ".absent"
        let error = failure(TLSConfiguration(identities: [absent]))
        #expect(error?.step == .key)
        #expect(error?.description == "TLS: \(absent.keyFile): No such file or directory")
        var swapped = certificates.identity("localhost")
        swapped.keyFile = certificates.path("first.key")
        #expect(failure(TLSConfiguration(identities: [swapped]))?.step == .keyMismatch)
        var noCertificate = certificates.identity("localhost")
        noCertificate.certificateFile = noCertificate.keyFile
        #expect(failure(TLSConfiguration(identities: [noCertificate]))?.step == .certificate)
        var authority = certificates.configuration("localhost")
        authority.clientAuthorityFile = certificates.path("localhost.key")
        #expect(failure(authority)?.step == .clientAuthority)
    }

    @Test func asksNobodyForAPassphrase() throws {
        try certificates.openssl(
            "pkey", "-in", "@localhost.key", "-aes256", "-passout", "pass:secret", "-out", "@sealed.key")
        var identity = certificates.identity("localhost")
        identity.keyFile = certificates.path("sealed.key")
        #expect(failure(TLSConfiguration(identities: [identity]))?.step == .key)
    }

    @Test(arguments: [(0o600, false), (0o640, false), (0o644, true), (0o660, true)])
    func warnsOfKeysThatOthersCanGetAt(mode: Int, warns: Bool) throws {
        let folder = try certificates.copies(of: ["localhost.pem", "localhost.key"])
        let key = folder.path("localhost.key")
        try FileMode.set(mode, of: key)
        let identity = TLSConfiguration.Identity(
            certificateFile: folder.path("localhost.pem"), keyFile: key)
        let warnings = try ServerTLS(TLSConfiguration(identities: [identity])).warnings
        #expect(warnings.contains { $0.contains("private key") } == warns)
    }
}

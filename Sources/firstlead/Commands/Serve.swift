import ArgumentParser
import Bytes
import Dispatch
import Foundation
import HTTP
import Scoring
import Service

/// `firstlead serve`: the HTTP service.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a bundle over HTTP.",
        discussion: """
            Example: firstlead serve --bundle Bundles/demonstration --listen 127.0.0.1:8080

            The socket listens once every digest and the self-test are right. SIGTERM or SIGINT drains: readyz \
            answers 503 and the rest is served for --lame-duck seconds; then the socket closes, what was accepted \
            is answered within --grace seconds, and the process ends with code 0. A second signal ends it at once.
            SIGHUP reads the files of TLS anew. Under systemd the listening socket may be passed on, and readiness, \
            reloads and a watchdog are told.
            """)

    @Option(help: ArgumentHelp("Address to listen on; port 0 takes a free one.", valueName: "host:port"))
    var listen: ListenAddress = .usual
    @Option(help: "ECGs that may wait for the encoders; one more is answered 503.") var queue: Int = 64
    @Option(
        help:
            "ECGs of one client's address in work or waiting; one more is answered 429. Default: any number.")
    var clientLimit: Int?
    @Option(help: ArgumentHelp("Largest body.", valueName: "bytes")) var maxBody: Int = 4 << 20
    @Option(
        help: ArgumentHelp(
            "Time for what was accepted when the process is told to stop.", valueName: "seconds"))
    var grace: Double = 20
    @Option(
        help: ArgumentHelp(
            "Time to go on serving with readyz at 503, for load balancers to notice, before the socket closes.",
            valueName: "seconds"))
    var lameDuck: Double = 0
    @Flag(help: "Print one line of JSON with the address on standard output once the socket listens.")
    var json = false
    @Flag(help: "Write no access log to standard error.") var noAccessLog = false
    @Option(
        help: ArgumentHelp(
            "A second address, in plain HTTP, for livez and readyz alone: with connections of its own, so that "
                + "probes are never refused, and without certificates.", valueName: "host:port"))
    var adminListen: ListenAddress?
    @Option(
        help:
            "Connections at a time; one more takes the place of one that rests, or is answered 503, except probes."
    )
    var maxConnections: Int = 4_096
    @Option(
        help: ArgumentHelp(
            "Of requests held at a time; beyond, the slowest upload is answered 503.", valueName: "bytes"))
    var maxHeld: Int = 256 << 20
    @Option(
        help: ArgumentHelp(
            "Origin whose web pages may use the service (CORS), as https://viewer.example; may be repeated. '*' "
                + "for all.", valueName: "origin"))
    var allowOrigin: [String] = []
    @OptionGroup(title: "TLS") var tlsOptions: TLSOptions
    @OptionGroup var models: ModelOptions

    func validate() throws {
        guard (1...1_000_000).contains(maxConnections) else {
            throw ValidationError("--max-connections takes 1 to 1000000")
        }
        guard maxHeld >= 2 * maxBody else {
            throw ValidationError("--max-held takes twice --max-body or more")
        }
        guard (1...10_000).contains(clientLimit ?? 1) else {
            throw ValidationError("--client-limit takes 1 to 10000")
        }
        guard allowOrigin.allSatisfy(CrossOrigin.isOrigin) else {
            throw ValidationError("--allow-origin takes scheme://host, with a port if need be, or '*'")
        }
        guard (1...10_000).contains(queue) else { throw ValidationError("--queue takes 1 to 10000") }
        guard (1_024...(256 << 20)).contains(maxBody) else {
            throw ValidationError("--max-body takes 1024 to 268435456")
        }
        guard (0...600).contains(lameDuck) else { throw ValidationError("--lame-duck takes 0 to 600") }
        guard (0...3_600).contains(grace) else { throw ValidationError("--grace takes 0 to 3600") }
    }

    func run() throws {
        // A client that has gone is an error on its socket, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        HTTPServer.keepMemory()
        _ = signal(SIGHUP, SIG_IGN)
        let environment = ProcessInfo.processInfo.environment
        let manager = ServiceManager(environment: environment)
        let inherited = InheritedSockets(environment: environment)
        InheritedSockets.forget()
        let tls = try tlsOptions.load()
        let scorer = try orExit { try models.makeScorer() }
        var limits = Service.Limits()
        limits.queue = queue
        limits.bodyBytes = maxBody
        limits.client = clientLimit
        let service = Service(scorer: scorer, limits: limits)
        let log = noAccessLog ? nil : AccessLog()
        let server = HTTPServer(configuration: configuration(log, tls, inherited), router: service.router)
        let admin = adminServer(service, inherited)
        let drain = Drain(
            service: service, server: server, admin: admin, manager: manager, log: log, lameDuck: lameDuck,
            grace: grace)
        ShutDownSignals.watch(drain.begin)
        let status = try start(server, admin, scorer, scheme: tls == nil ? "http" : "https")
        manager.noteReady(status)
        let reload = Reload(service: service, tls: tls, manager: manager, status: status)
        ReloadSignal.watch(reload.begin)
        Watchdog.watch(server, for: manager)
        dispatchMain()
    }

    /// Listens, and says where; returns a line about it. Throws ``Exit/unavailable``.
    private func start(
        _ server: HTTPServer, _ admin: HTTPServer?, _ scorer: Scorer, scheme: String
    ) throws -> String {
        let address = try ListenAddress.start(server)
        let adminAddress = try admin.map(ListenAddress.start)
        let manifest = scorer.bundle.manifest
        let caution = manifest.notForClinicalUse ? ", not for clinical use" : ""
        let url = "\(scheme)://\(address)"
        if json {
            let line: JSONDocument = [
                "address": .text(url),
                "admin": .optional(adminAddress.map { "http://\($0)" }),
                "bundle": .text(manifest.name),
                "sha256": .text(scorer.bundle.provenance.digest.hexadecimal),
            ]
            try emit(line.serialised())
        }
        let status = "serving \(manifest.name) (\(manifest.kind.rawValue)\(caution)) on \(url)"
        report(status)
        if let adminAddress { report("probes on http://\(adminAddress)") }
        return status
    }

    private func configuration(
        _ log: AccessLog?, _ tls: ServerTLS?, _ inherited: InheritedSockets
    ) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        listen.apply(to: &configuration)
        configuration.descriptor = inherited.descriptor(except: Self.adminSocketName)
        configuration.tls = tls
        configuration.limits.bodyBytes = maxBody
        configuration.heldBytes = maxHeld
        if !allowOrigin.isEmpty { configuration.crossOrigin = CrossOrigin(origins: Set(allowOrigin)) }
        configuration.reservedPaths = ["/livez", "/readyz"]
        configuration.maximumConnections = DescriptorLimit.connections(wanted: maxConnections)
        if configuration.maximumConnections < maxConnections {
            report(
                "warning: the system lets this process have \(configuration.maximumConnections) connections")
        }
        if let log {
            configuration.onExchange = { log.record($0) }
            let handshakes = HandshakeLog()
            configuration.onHandshakeFailure = { handshakes.note($0, from: $1) }
        }
        return configuration
    }

    /// Of the socket that systemd passes on for probes (`FileDescriptorName=`).
    private static let adminSocketName = "admin"

    private func adminServer(_ service: Service, _ inherited: InheritedSockets) -> HTTPServer? {
        let descriptor = inherited.descriptor(named: Self.adminSocketName)
        guard adminListen != nil || descriptor != nil else { return nil }
        var configuration = ServerConfiguration()
        adminListen?.apply(to: &configuration)
        configuration.descriptor = descriptor
        configuration.ioLoops = 1
        configuration.maximumConnections = 64
        configuration.timeouts.idle = 10
        return HTTPServer(configuration: configuration, router: service.adminRouter)
    }
}

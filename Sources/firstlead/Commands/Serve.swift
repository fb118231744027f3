import ArgumentParser
import Bytes
import Dispatch
import Foundation
import HTTP
import Scoring
import Service
import Synchronization

/// `firstlead serve`: the HTTP service.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a bundle over HTTP.",
        discussion: """
            Example: firstlead serve --bundle Bundles/demonstration --listen 127.0.0.1:8080

            The socket listens once every digest and the self-test are right. SIGTERM or SIGINT drains: readyz \
            answers 503 and the rest is served for --lame-duck seconds; then the socket closes, what was accepted \
            is answered within --grace seconds, and the process ends with code 0. A second signal ends it at once.
            """)

    @Option(help: ArgumentHelp("Address to listen on; port 0 takes a free one.", valueName: "host:port"))
    var listen: String = "127.0.0.1:8080"
    @Option(help: "ECGs that may wait for the encoders; one more is answered 503.") var queue: Int = 64
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
    @OptionGroup var models: ModelOptions

    func validate() throws {
        guard Self.split(listen) != nil else { throw ValidationError("--listen takes host:port") }
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
        let scorer = try orExit { try models.makeScorer() }
        var limits = Service.Limits()
        limits.queue = queue
        limits.bodyBytes = maxBody
        let service = Service(scorer: scorer, limits: limits)
        let log = noAccessLog ? nil : AccessLog()
        let server = HTTPServer(configuration: configuration(log), router: service.router)
        let drain = Drain(service: service, server: server, log: log, lameDuck: lameDuck, grace: grace)
        let signals = ShutDownSignals(drain.begin)
        do {
            let address = try server.start()
            let manifest = scorer.bundle.manifest
            let caution = manifest.notForClinicalUse ? ", not for clinical use" : ""
            if json {
                let line: JSONDocument = [
                    "address": .text("http://\(address)"), "bundle": .text(manifest.name),
                    "sha256": .text(scorer.bundle.provenance.digest.hexadecimal),
                ]
                try emit(line.serialised())
            }
            report("serving \(manifest.name) (\(manifest.kind.rawValue)\(caution)) on http://\(address)")
        } catch let error as ListenError {
            report("\(error)")
            throw Exit.unavailable
        }
        withExtendedLifetime(signals) { dispatchMain() }
    }

    private func configuration(_ log: AccessLog?) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        if let (host, port) = Self.split(listen) {
            configuration.host = host
            configuration.port = port
        }
        configuration.limits.bodyBytes = maxBody
        if let log { configuration.onExchange = { log.record($0) } }
        return configuration
    }

    /// "127.0.0.1:8080", "[::1]:8080", "localhost:0".
    private static func split(_ listen: String) -> (host: String, port: Int)? {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...])
        else { return nil }
        var host = listen[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return host.isEmpty ? nil : (String(host), Int(port))
    }
}

/// The end of a server: not ready, then no new connections, then the last answers, then the process.
private struct Drain: Sendable {
    let service: Service
    let server: HTTPServer
    let log: AccessLog?
    let lameDuck: Double
    let grace: Double

    @Sendable func begin() {
        report("draining")
        service.drain()
        DispatchQueue.global().asyncAfter(deadline: .now() + lameDuck) {
            server.shutDown(graceSeconds: grace) {
                service.stop()
                log?.flush(seconds: 1)
                let counts = service.workCounts
                report(
                    "stopped after \(counts[.latency] ?? 0) ECG(s) on all threads, "
                        + "\(counts[.throughput] ?? 0) on one each")
                Foundation.exit(0)
            }
        }
    }
}

/// Calls back at the first SIGTERM or SIGINT; a second one ends the process at once.
private final class ShutDownSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ onFirst: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "signals")
        let first = First()
        sources = [SIGTERM, SIGINT].map { number in
            _ = signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard first.isTaken.exchange(true, ordering: .acquiringAndReleasing) else { return onFirst() }
                Foundation.exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    /// Whether a signal came before; both handlers share it.
    private final class First: Sendable {
        let isTaken = Atomic(false)
    }
}

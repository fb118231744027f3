import ArgumentParser
import Bytes
import Dispatch
import Foundation
import HTTP

/// `firstlead bench server`: the HTTP server with nothing behind it, for load generators.
struct BenchServer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server", abstract: "Serve two trivial routes, to compare HTTP servers.",
        discussion: """
            Example: firstlead bench server --listen 127.0.0.1:8081

            GET /livez answers a few bytes; POST /sink reads a body and answers its size. Neither looks at an ECG: \
            what a load generator measures here is the server alone. SIGTERM or SIGINT ends it.
            """)

    @Option(help: ArgumentHelp("Address to listen on; port 0 takes a free one.", valueName: "host:port"))
    var listen: ListenAddress = .usual
    @Option(help: ArgumentHelp("Largest body.", valueName: "bytes")) var maxBody: Int = 4 << 20
    @OptionGroup(title: "TLS") var tlsOptions: TLSOptions

    func validate() throws {
        guard (1...(256 << 20)).contains(maxBody) else {
            throw ValidationError("--max-body takes 1 to 268435456")
        }
    }

    func run() throws {
        _ = signal(SIGPIPE, SIG_IGN)
        HTTPServer.keepMemory()
        var configuration = ServerConfiguration()
        listen.apply(to: &configuration)
        configuration.tls = try tlsOptions.load()
        configuration.limits.bodyBytes = maxBody
        let scheme = configuration.tls == nil ? "http" : "https"
        let server = HTTPServer(configuration: configuration, router: Self.router)
        ShutDownSignals.watch { server.shutDown(graceSeconds: 1) { Foundation.exit(0) } }
        let address = try ListenAddress.start(server)
        report("a server for load generators on \(scheme)://\(address)")
        dispatchMain()
    }

    private static var router: Router {
        var router = Router()
        let alive = HTTPResponse(contentType: "text/plain; charset=utf-8", body: Array("ok\n".utf8))
        router.on(.get, "/livez") { _, responder in responder.respond(alive) }
        router.on(.post, "/sink") { request, responder in
            let document: JSONDocument = ["bytes": .integer(request.body.count)]
            responder.respond(HTTPResponse(contentType: "application/json", body: document.bytes))
        }
        return router
    }
}

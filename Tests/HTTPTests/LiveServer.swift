import Dispatch
import HTTP
import Synchronization
import Testing

/// A server on a free port, with routes that answer now, later, much or never.
final class LiveServer: Sendable {
    let server: HTTPServer
    let address: BoundAddress
    /// Responders of `/held`, which tests answer.
    let held = Mutex<[Responder]>([])
    let reports = Mutex<[ExchangeSummary]>([])

    static let largeBytes = 20 << 20

    init(_ adjust: (inout ServerConfiguration) throws -> Void = { _ in }) throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        // On any machine, so that what loops do for one another is tested.
        configuration.ioLoops = 2
        try adjust(&configuration)
        let box = Box()
        configuration.onExchange = { summary in box.live?.reports.withLock { $0.append(summary) } }
        server = HTTPServer(configuration: configuration, router: LiveServer.router(box))
        address = try server.start()
        box.set(self)
    }

    /// Lets closures made before the server reach it.
    private final class Box: Sendable {
        private let content = Mutex<LiveServer?>(nil)
        var live: LiveServer? { content.withLock { $0 } }
        func set(_ live: LiveServer?) { content.withLock { $0 = live } }
    }

    private static func router(_ box: Box) -> Router {
        var router = Router()
        router.on(.get, "/now") { _, responder in
            responder.respond(HTTPResponse(contentType: "text/plain", body: Array("now".utf8)))
        }
        router.on(.post, "/echo") { request, responder in
            DispatchQueue.global().async {
                responder.respond(HTTPResponse(contentType: "text/plain", body: request.body))
            }
        }
        router.on(.post, "/small", maximumBodyBytes: 1_000) { _, responder in
            responder.respond(HTTPResponse(status: .ok))
        }
        router.on(.get, "/large") { _, responder in
            let body = [UInt8](repeating: 0x78, count: largeBytes)
            responder.respond(HTTPResponse(contentType: "text/plain", body: body))
        }
        router.on(.get, "/held") { _, responder in box.live?.held.withLock { $0.append(responder) } }
        router.on(.get, "/dropped") { _, _ in }
        return router
    }

    func connect(receiveBuffer: Int32? = nil) throws -> RawClient {
        try #require(RawClient(address, receiveBuffer: receiveBuffer))
    }

    /// Waits until `/held` has a request.
    func firstHeld() async throws -> Responder {
        try await eventually { self.held.withLock { $0.first } }
    }

    func stop() async {
        held.withLock { $0 = [] }
        await server.shutDown(graceSeconds: 0.5)
    }
}

/// What `probe` gives once it gives something; a failure after ten seconds.
func eventually<Value>(_ probe: () -> Value?) async throws -> Value {
    for _ in 0..<2_000 {
        if let value = probe() { return value }
        try await Task.sleep(for: .milliseconds(5))
    }
    return try #require(probe())
}

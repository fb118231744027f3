private import CPlatform
private import Dispatch
private import Glibc
private import Synchronization

/// An HTTP/1.1 server (RFC 9110, RFC 9112) on sockets and Dispatch.
///
///     var configuration = ServerConfiguration()
///     configuration.port = 0
///     let server = HTTPServer(configuration: configuration, router: router)
///     let address = try server.start()
///     ...
///     await server.shutDown(graceSeconds: 10)
///
/// A few threads (``ServerConfiguration/ioLoops``) accept, read, answer what is cheap, and write: threads do not grow
/// with clients.
package final class HTTPServer: Sendable {
    /// A loop takes what it accepted itself, unless it has so many more connections than another.
    private static let imbalance = 2

    private struct Running {
        let descriptor: Int32
        let loops: [ServerLoop]
    }

    private let configuration: ServerConfiguration
    private let router: Router
    private let running = Mutex<Running?>(nil)
    private let connections = ConnectionCount()

    package init(configuration: ServerConfiguration, router: Router) {
        self.configuration = configuration
        self.router = router
    }

    /// What the connections of one loop have in common: what has a lock is not shared with other loops.
    private func makeRules() -> ConnectionRules {
        let dates = DateCache()
        let requestIDs = RequestIDSource()
        var rules = ConnectionRules(
            gate: { [router] in router.admit($0) }, date: { dates.text }, makeRequestID: { requestIDs.make() }
        )
        rules.limits = configuration.limits
        rules.timeouts = configuration.timeouts
        rules.serverName = configuration.serverName
        rules.crossOrigin = configuration.crossOrigin
        rules.isSecure = configuration.tls != nil
        if let tls = configuration.tls?.configuration, tls.strictTransportSeconds > 0 {
            rules.standingFields[.strictTransportSecurity] = "max-age=\(tls.strictTransportSeconds)"
        }
        return rules
    }

    /// Has the process keep the memory of bodies from one request to the next instead of asking the system each time;
    /// what a burst leaves behind is given back some seconds later. For processes that do little else than serve.
    package static func keepMemory() { firstlead_keep_memory(8 << 20, 64 << 20) }

    /// Connections whose descriptors are open.
    package var openConnections: Int { connections.current }

    /// Listens and serves; returns at once with the address it has.
    ///
    /// Throws: ``ListenError``. A server starts once.
    package func start() throws(ListenError) -> BoundAddress {
        let (descriptor, address) =
            if let inherited = configuration.descriptor {
                try ListeningSocket.takeOver(inherited)
            } else {
                try ListeningSocket.open(
                    host: configuration.host, port: configuration.port, backlog: configuration.backlog)
            }
        let loops: [ServerLoop]
        do throws(ListenError) { loops = try makeLoops(for: address) } catch {
            _ = close(descriptor)
            throw error
        }
        running.withLock { $0 = Running(descriptor: descriptor, loops: loops) }
        for loop in loops {
            loop.start()
            loop.listen(on: descriptor) { [self] in accept($0, $1, on: loop, of: loops) }
        }
        return address
    }

    private func makeLoops(for address: BoundAddress) throws(ListenError) -> [ServerLoop] {
        var loops: [ServerLoop] = []
        for index in 0..<max(1, configuration.ioLoops) {
            let poller = try Poller(for: address)
            loops.append(
                ServerLoop(
                    index: index, poller: poller, rules: makeRules(), configuration: configuration,
                    onClose: { [connections] in connections.decrement() }))
        }
        return loops
    }

    /// Calls back once every thread that connections live on has had a turn: that none is stuck.
    package func whenResponsive(_ completion: @escaping @Sendable () -> Void) {
        let loops = running.withLock { $0?.loops ?? [] }
        HTTPServer.after(loops, { $0.post($1) }, completion)
    }

    /// Stops accepting, lets requests under way finish for at most `graceSeconds`, then cuts what is left.
    package func shutDown(graceSeconds: Double) async {
        await withCheckedContinuation { continuation in
            shutDown(graceSeconds: graceSeconds) { continuation.resume() }
        }
    }

    /// The same for callers that cannot wait, and it serves on for `lameDuckSeconds` first; `completion` is called once,
    /// on a queue of Dispatch. A server stops once.
    ///
    /// The loops keep this time: a timer of Dispatch needs a descriptor, and clients may hold them all.
    package func shutDown(
        lameDuckSeconds: Double = 0, graceSeconds: Double, completion: @escaping @Sendable () -> Void
    ) {
        guard let stopped = running.withLock({ $0.take() }), let first = stopped.loops.first else {
            return completion()
        }
        first.post {
            first.after(.seconds(lameDuckSeconds)) {
                HTTPServer.stop(stopped, graceSeconds: graceSeconds, completion)
            }
        }
    }

    private static func stop(
        _ stopped: Running, graceSeconds: Double, _ completion: @escaping @Sendable () -> Void
    ) {
        let loops = stopped.loops
        HTTPServer.after(loops, { $0.stopListening(completion: $1) }) {
            _ = close(stopped.descriptor)
            HTTPServer.after(loops, { $0.drain(grace: .seconds(graceSeconds), completion: $1) }, completion)
        }
    }

    /// Calls `completion`, on a queue of Dispatch, once every loop has done what it is given to do.
    private static func after(
        _ loops: [ServerLoop], _ begin: (ServerLoop, @escaping @Sendable () -> Void) -> Void,
        _ completion: @escaping @Sendable () -> Void
    ) {
        let group = DispatchGroup()
        for loop in loops {
            group.enter()
            begin(loop) { group.leave() }
        }
        group.notify(queue: .global(), execute: completion)
    }

    /// Gives a new connection to a loop; beyond the limit to be refused, far beyond it to be closed.
    private func accept(
        _ descriptor: Int32, _ address: String, on loop: ServerLoop, of loops: [ServerLoop]
    ) {
        let current = connections.increment()
        guard current <= configuration.maximumConnections + configuration.maximumRefusals else {
            connections.decrement()
            _ = close(descriptor)
            return
        }
        guard current <= configuration.maximumConnections else {
            let others = loops.filter { $0 !== loop }
            return HTTPServer.seat(descriptor, address, in: [loop] + others[...], otherwise: loop)
        }
        let calmest = loops.min { $0.load < $1.load }
        if let calmest, loop.load > calmest.load + HTTPServer.imbalance {
            calmest.post { calmest.adopt(descriptor: descriptor, address: address) }
        } else {
            loop.adopt(descriptor: descriptor, address: address)
        }
    }

    /// A connection beyond the limit takes the place of one that rests, on the first loop that has such a one; where none
    /// has, one request of it is served by the rules for that.
    private static func seat(
        _ descriptor: Int32, _ address: String, in loops: ArraySlice<ServerLoop>, otherwise last: ServerLoop
    ) {
        guard let loop = loops.first else {
            return last.post { last.adopt(descriptor: descriptor, address: address, isOverflow: true) }
        }
        loop.post {
            if loop.makeRoom() {
                loop.adopt(descriptor: descriptor, address: address)
            } else {
                seat(descriptor, address, in: loops.dropFirst(), otherwise: last)
            }
        }
    }
}

/// Counts connections across loops.
private final class ConnectionCount: Sendable {
    private let count = Atomic(0)

    var current: Int { count.load(ordering: .relaxed) }

    /// How many there are now.
    func increment() -> Int { count.add(1, ordering: .relaxed).newValue }

    func decrement() { count.subtract(1, ordering: .relaxed) }
}

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
/// An accept source and two serial queues carry every connection: threads do not grow with clients.
package final class HTTPServer: Sendable {
    private let configuration: ServerConfiguration
    private let loops: [ServerLoop]
    private let listener = Mutex<Listener?>(nil)
    private let connections: ConnectionCount

    package init(configuration: ServerConfiguration, router: Router) {
        self.configuration = configuration
        let dates = DateCache()
        var rules = ConnectionRules(
            gate: { router.admit($0) }, date: { dates.text }, makeRequestID: { RequestID.make() })
        rules.limits = configuration.limits
        rules.timeouts = configuration.timeouts
        rules.serverName = configuration.serverName
        rules.crossOrigin = configuration.crossOrigin
        rules.isSecure = configuration.tls != nil
        if let tls = configuration.tls?.configuration, tls.strictTransportSeconds > 0 {
            rules.standingFields[.strictTransportSecurity] = "max-age=\(tls.strictTransportSeconds)"
        }
        let connections = ConnectionCount()
        self.connections = connections
        loops = (0..<max(1, configuration.ioQueues)).map { index in
            ServerLoop(
                index: index, rules: rules, configuration: configuration,
                onClose: { connections.decrement() })
        }
    }

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
        let started = Listener(descriptor: descriptor) { [self] in accept($0, $1) }
        listener.withLock { $0 = started }
        return address
    }

    /// Calls back once every queue that connections live on has had a turn: that none is stuck.
    package func whenResponsive(_ completion: @escaping @Sendable () -> Void) {
        let group = DispatchGroup()
        for loop in loops { loop.queue.async(group: group) {} }
        group.notify(queue: loops[0].queue, execute: completion)
    }

    /// Stops accepting, lets requests under way finish for at most `graceSeconds`, then cuts what is left.
    package func shutDown(graceSeconds: Double) async {
        await withCheckedContinuation { continuation in
            shutDown(graceSeconds: graceSeconds) { continuation.resume() }
        }
    }

    /// The same for callers that cannot wait; `completion` is called once, on an I/O queue. A server stops once.
    package func shutDown(graceSeconds: Double, completion: @escaping @Sendable () -> Void) {
        let stopped = listener.withLock { $0.take() }
        let drain: @Sendable () -> Void = { [loops] in
            let group = DispatchGroup()
            for loop in loops {
                group.enter()
                loop.drain { group.leave() }
            }
            let cut = DispatchWorkItem { for loop in loops { loop.cut() } }
            DispatchQueue.global().asyncAfter(deadline: .now() + graceSeconds, execute: cut)
            group.notify(queue: loops[0].queue) {
                cut.cancel()
                completion()
            }
        }
        if let stopped { stopped.stop(completion: drain) } else { drain() }
    }

    /// Gives a new connection to a loop, in turns; beyond the limit to be refused, far beyond it to be closed.
    private func accept(_ descriptor: Int32, _ address: String) {
        let (current, number) = connections.increment()
        guard current <= configuration.maximumConnections + configuration.maximumRefusals else {
            connections.decrement()
            _ = close(descriptor)
            return
        }
        loops[number % loops.count].adopt(
            descriptor: descriptor, address: address, hasRoom: current <= configuration.maximumConnections)
    }
}

/// Counts connections across loops.
private final class ConnectionCount: Sendable {
    private let counts = Mutex((current: 0, total: 0))

    var current: Int { counts.withLock { $0.current } }

    /// How many there are now, and how many there have been.
    func increment() -> (current: Int, total: Int) {
        counts.withLock { counts in
            counts.current += 1
            counts.total &+= 1
            return counts
        }
    }

    func decrement() { counts.withLock { $0.current -= 1 } }
}

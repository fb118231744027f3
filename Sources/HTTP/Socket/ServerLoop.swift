private import CPlatform
import Dispatch
private import Glibc

/// A serial queue with the connections that live on it, their deadlines and one read buffer for all of them.
///
/// `@unchecked Sendable`: members other than `queue` are used on `queue` only.
@safe final class ServerLoop: @unchecked Sendable {
    private static let trimBytes = 16 << 20
    private static let trimSeconds = 5

    let queue: DispatchQueue
    /// For the duration of one read; its bytes are taken before the next.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Seconds for a handshake.
    let handshakeSeconds: Double
    private let rules: ConnectionRules
    private let overflowRules: ConnectionRules
    private let heldLimit: Int
    private let tls: ServerTLS?
    private let lane: TLSLane?
    private let onHandshakeFailure: (@Sendable (_ reason: String, _ address: String) -> Void)?
    private let onExchange: (@Sendable (ExchangeSummary) -> Void)?
    private let onClose: @Sendable () -> Void
    private var connections: [Int: SocketConnection] = [:]
    private var lastID = 0
    /// Connections whose descriptors are open.
    private var open = 0
    private var deadlines = DeadlineQueue()
    private var idle = IdleQueue()
    /// Bytes of requests and answers that its connections hold.
    private var held = 0
    /// Bytes that they have let go of since memory was last given back.
    private var released = 0
    private var isTrimming = false
    private let timer: any DispatchSourceTimer
    private var timerDue: ContinuousClock.Instant?
    private var isDraining = false
    private var onEmpty: (@Sendable () -> Void)?

    init(
        index: Int, rules: ConnectionRules, configuration: ServerConfiguration,
        onClose: @escaping @Sendable () -> Void
    ) {
        queue = DispatchQueue(label: "firstlead.http.io.\(index)", qos: .userInitiated)
        unsafe readBuffer = .allocate(byteCount: 65_536, alignment: 16)
        self.rules = rules
        overflowRules = OverflowRules.rules(
            from: rules, reserved: configuration.reservedPaths, retryAfterSeconds: 1)
        heldLimit = configuration.heldBytes / max(1, configuration.ioQueues)
        tls = configuration.tls
        lane = configuration.tls == nil ? nil : TLSLane()
        handshakeSeconds = configuration.tls?.configuration.handshakeTimeout ?? 0
        onHandshakeFailure = configuration.onHandshakeFailure
        onExchange = configuration.onExchange
        self.onClose = onClose
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { [weak self] in self?.timeHasCome() }
        // Dispatch opens a descriptor for its first timer. Were it to fail then, because clients hold every
        // descriptor, no timer of the process would ever fire: so it is opened before the first client.
        timer.schedule(deadline: .now() + .seconds(60))
        timer.resume()
    }

    deinit {
        timer.cancel()
        unsafe readBuffer.deallocate()
    }

    /// Takes over an accepted descriptor, from any thread; with `hasRoom` false in the place of another or for one request.
    func adopt(descriptor: Int32, address: String, hasRoom: Bool) {
        queue.async { [self] in
            open += 1
            Socket.prepare(descriptor)
            guard let transport = makeTransport(descriptor, address) else {
                _ = close(descriptor)
                return closed()
            }
            let isOverflow = !hasRoom && !makeRoom()
            lastID += 1
            let connection = SocketConnection(
                id: lastID, transport: transport, address: address, rules: isOverflow ? overflowRules : rules,
                isOverflow: isOverflow, loop: self)
            connections[lastID] = connection
            connection.start()
            if isDraining { connection.shutDown() }
        }
    }

    private func makeTransport(_ descriptor: Int32, _ address: String) -> (any Transport)? {
        guard let tls, let lane else { return PlainTransport(descriptor: descriptor) }
        return TLSTransport(descriptor: descriptor, context: tls.current, lane: lane) {
            [onHandshakeFailure] in
            onHandshakeFailure?($0, address)
        }
    }

    /// A handler's answer, from any thread.
    func respond(_ response: HTTPResponse, connection: Int, exchange: Int) {
        queue.async { [self] in connections[connection]?.respond(response, to: exchange) }
    }

    /// Lets requests under way finish; `completion` is called on the queue when no connection is left.
    func drain(completion: @escaping @Sendable () -> Void) {
        queue.async { [self] in
            isDraining = true
            onEmpty = completion
            for connection in Array(connections.values) { connection.shutDown() }
            noteIfEmpty()
        }
    }

    /// Closes what is left.
    func cut() {
        queue.async { [self] in
            for connection in Array(connections.values) { connection.cut() }
        }
    }
}

/// For its connections, on the queue.
extension ServerLoop {
    func report(_ summary: ExchangeSummary) { onExchange?(summary) }

    /// Closes the connection that has rested longest, unless even that one has only just begun to.
    private func makeRoom() -> Bool {
        let oldest = idle.popOldest(since: .now - .seconds(1)) {
            connections[$0.connection]?.idleSince == $0.since
        }
        guard let oldest else { return false }
        connections[oldest]?.cut()
        return true
    }

    func noteIdle(_ connection: Int, since: ContinuousClock.Instant) {
        idle.append(.init(connection: connection, since: since), limit: connections.count) {
            connections[$0.connection]?.idleSince == $0.since
        }
    }

    /// A connection holds so many bytes more, or fewer.
    func noteHeld(_ change: Int) {
        held += change
        if change < 0 { released -= change }
        if change > 0, held > heldLimit { shed() }
        if released > ServerLoop.trimBytes, !isTrimming { trimLater() }
    }

    /// Gives up the body that has been coming longest: a slow sender holds memory that others need.
    private func shed() {
        let receiving = connections.values.filter { $0.receivingSince != nil }
        let oldest = receiving.min { ($0.receivingSince ?? .now) < ($1.receivingSince ?? .now) }
        oldest?.shed()
    }

    /// The allocator keeps what large bodies leave behind: it is given back to the system once in a while.
    private func trimLater() {
        isTrimming = true
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .seconds(ServerLoop.trimSeconds)) {
            [self] in
            firstlead_trim_memory()
            queue.async { [self] in
                released = 0
                isTrimming = false
            }
        }
    }

    func remove(_ connection: SocketConnection) { connections[connection.id] = nil }

    /// A connection's descriptor has been closed.
    func closed() {
        open -= 1
        onClose()
        noteIfEmpty()
    }

    private func noteIfEmpty() {
        guard open == 0, let completion = onEmpty else { return }
        onEmpty = nil
        completion()
    }

    func arm(_ time: ContinuousClock.Instant, for connection: Int) {
        deadlines.insert(.init(time: time, connection: connection))
        schedule()
    }

    private func schedule() {
        guard let first = deadlines.first, timerDue.map({ first < $0 }) ?? true else { return }
        timerDue = first
        let wait = max(.zero, first - .now).components
        let nanoseconds = Int(wait.seconds) * 1_000_000_000 + Int(wait.attoseconds / 1_000_000_000)
        timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .milliseconds(5))
    }

    private func timeHasCome() {
        timerDue = nil
        let now = ContinuousClock.now
        while let entry = deadlines.popDue(now) {
            connections[entry.connection]?.deadlineDue(entry.time)
        }
        schedule()
    }
}

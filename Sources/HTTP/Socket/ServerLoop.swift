private import CPlatform
private import Dispatch
private import Glibc
private import Synchronization

/// A thread with the connections that live on it, their deadlines and one read buffer for all of them.
///
/// Its whole life is one block on a serial Dispatch queue: it waits in a ``Poller``, does what is due, and waits again.
/// A cheap request is read, answered and sent by that thread, without a change of threads; Dispatch's own sources
/// would wake one for each event, which costs more than the answer. Other threads reach it by ``post(_:)``.
///
/// `@unchecked Sendable`: members are used on its thread only, unless they say otherwise.
@safe final class ServerLoop: @unchecked Sendable {
    private static let trimBytes = 16 << 20
    private static let trimDelay = Duration.seconds(5)

    let poller: Poller
    /// For the duration of one read; its bytes are taken before the next.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Seconds for a handshake.
    let handshakeSeconds: Double
    /// Seconds for the one request of a connection beyond the limit.
    let refusalSeconds: Double
    private let queue: DispatchQueue
    private let rules: ConnectionRules
    private let overflowRules: ConnectionRules
    private let heldLimit: Int
    private let tls: ServerTLS?
    private let lane: TLSLane?
    private let onHandshakeFailure: (@Sendable (_ reason: String, _ address: String) -> Void)?
    private let onExchange: (@Sendable (ExchangeSummary) -> Void)?
    private let onClose: @Sendable () -> Void
    private let posts = Mutex((work: [@Sendable () -> Void](), isRung: false))
    private let open = Atomic(0)
    private var listener: Listener?
    private var connections: [Int: SocketConnection] = [:]
    private var alarms: [Int: () -> Void] = [:]
    /// To be done before the next wait.
    private var soon: [() -> Void] = []
    /// Tokens are not used twice, so that what comes late is not taken for another's.
    private var lastToken = 0
    private var deadlines = DeadlineQueue()
    private var idle = IdleQueue()
    /// Bytes of requests and answers that its connections hold.
    private var held = 0
    /// Bytes that they have let go of since memory was last given back.
    private var released = 0
    private var isTrimming = false
    private var isDraining = false
    private var hasEnded = false
    private var onEmpty: (() -> Void)?

    init(
        index: Int, poller: Poller, rules: ConnectionRules, configuration: ServerConfiguration,
        onClose: @escaping @Sendable () -> Void
    ) {
        queue = DispatchQueue(label: "firstlead.http.io.\(index)", qos: .userInitiated)
        self.poller = poller
        unsafe readBuffer = .allocate(byteCount: TLSLane.roomBytes, alignment: 16)
        self.rules = rules
        overflowRules = OverflowRules.rules(
            from: rules, configuration, retryAfterSeconds: 1)
        refusalSeconds = configuration.refusalSeconds
        heldLimit = configuration.heldBytes / max(1, configuration.ioLoops)
        tls = configuration.tls
        lane = configuration.tls == nil ? nil : TLSLane()
        handshakeSeconds = configuration.tls?.configuration.handshakeTimeout ?? 0
        onHandshakeFailure = configuration.onHandshakeFailure
        onExchange = configuration.onExchange
        self.onClose = onClose
    }

    deinit { unsafe readBuffer.deallocate() }
}

/// From any thread.
extension ServerLoop {
    /// Runs until it has been drained.
    func start() { queue.async { [self] in run() } }

    /// Connections whose descriptors are open.
    var load: Int { open.load(ordering: .relaxed) }

    /// Has work done on the loop's thread; what comes after its end is dropped.
    func post(_ work: @escaping @Sendable () -> Void) {
        let isFirst = posts.withLock { posts in
            posts.work.append(work)
            defer { posts.isRung = true }
            return !posts.isRung
        }
        if isFirst { poller.ring() }
    }

    /// Accepts from a listening socket that it shares with other loops.
    func listen(
        on descriptor: Int32, _ onAccept: @escaping @Sendable (_ descriptor: Int32, _ address: String) -> Void
    ) {
        post { [self] in
            listener = Listener(descriptor: descriptor, token: makeToken(), loop: self, onAccept: onAccept)
        }
    }

    /// `completion` is called on the loop's thread.
    func stopListening(completion: @escaping @Sendable () -> Void) {
        post { [self] in
            listener?.stop()
            listener = nil
            completion()
        }
    }

    /// A handler's answer.
    func respond(_ response: HTTPResponse, connection: Int, exchange: Int) {
        post { [self] in connections[connection]?.respond(response, to: exchange) }
    }

    /// Lets requests under way finish for at most `grace`, cuts what is left, calls `completion` on its thread when no
    /// connection is left, and ends.
    func drain(grace: Duration, completion: @escaping @Sendable () -> Void) {
        post { [self] in
            isDraining = true
            onEmpty = completion
            for connection in Array(connections.values) { connection.shutDown() }
            after(grace) { [self] in
                for connection in Array(connections.values) { connection.cut() }
            }
            noteIfEmpty()
        }
    }
}

/// The wheel.
extension ServerLoop {
    private func run() {
        while !hasEnded {
            poller.wait(until: soon.isEmpty ? deadlines.first : .now) { handle($0) }
            for item in takePosts() { item() }
            for item in exchange(&soon, with: []) { item() }
            timeHasCome()
        }
        // What was accepted meanwhile and handed over is closed, not lost.
        for item in takePosts() { item() }
    }

    private func takePosts() -> [@Sendable () -> Void] {
        posts.withLock { posts in
            posts.isRung = false
            return posts.work.isEmpty ? [] : exchange(&posts.work, with: [])
        }
    }

    private func handle(_ event: Poller.Event) {
        if let connection = connections[event.token] {
            connection.ready(event)
        } else if let listener, listener.token == event.token {
            listener.acceptReady()
        }
    }

    private func timeHasCome() {
        guard let first = deadlines.first else { return }
        let now = Instant.now
        guard first <= now else { return }
        while let entry = deadlines.popDue(now) {
            if let connection = connections[entry.token] {
                connection.deadlineDue(entry.time)
            } else {
                alarms.removeValue(forKey: entry.token)?()
            }
        }
    }
}

/// For its connections and its listener, on the thread.
extension ServerLoop {
    /// Takes over an accepted descriptor; with `isOverflow` for one request.
    func adopt(descriptor: Int32, address: String, isOverflow: Bool = false) {
        open.add(1, ordering: .relaxed)
        guard let transport = makeTransport(descriptor, address) else {
            _ = close(descriptor)
            return closed()
        }
        let token = makeToken()
        let connection = SocketConnection(
            id: token, transport: transport, address: address, rules: isOverflow ? overflowRules : rules,
            isOverflow: isOverflow, loop: self)
        connections[token] = connection
        connection.start()
        if isDraining { connection.shutDown() }
    }

    private func makeTransport(_ descriptor: Int32, _ address: String) -> (any Transport)? {
        guard let tls, let lane else { return PlainTransport(descriptor: descriptor) }
        return TLSTransport(descriptor: descriptor, context: tls.current, lane: lane) {
            [onHandshakeFailure] in
            onHandshakeFailure?($0, address)
        }
    }

    private func makeToken() -> Int {
        lastToken += 1
        return lastToken
    }

    /// Does this before the next wait, but not within what is being done.
    func soon(_ work: @escaping () -> Void) { soon.append(work) }

    /// Does this once so much time has passed.
    func after(_ time: Duration, _ work: @escaping () -> Void) {
        let token = makeToken()
        alarms[token] = work
        deadlines.insert(.init(time: .now + time, token: token))
    }

    func report(_ summary: ExchangeSummary) { onExchange?(summary) }

    /// Closes the connection that has rested longest, unless even that one has only just begun to.
    func makeRoom() -> Bool {
        let oldest = idle.popOldest(since: .now - .seconds(1)) {
            connections[$0.connection]?.idleSince == $0.since
        }
        guard let oldest else { return false }
        connections[oldest]?.cut()
        return true
    }

    func noteIdle(_ connection: Int, since: Instant) {
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

    /// The allocator keeps what large bodies leave behind: it is given back to the system once in a while, elsewhere,
    /// because that takes milliseconds.
    private func trimLater() {
        isTrimming = true
        after(ServerLoop.trimDelay) { [self] in
            released = 0
            isTrimming = false
            DispatchQueue.global(qos: .utility).async { firstlead_trim_memory() }
        }
    }

    func remove(_ connection: SocketConnection) { connections[connection.id] = nil }

    /// A connection's descriptor has been closed.
    func closed() {
        open.subtract(1, ordering: .relaxed)
        onClose()
        noteIfEmpty()
    }

    private func noteIfEmpty() {
        guard load == 0, let completion = onEmpty else { return }
        onEmpty = nil
        hasEnded = true
        completion()
    }

    func arm(_ time: Instant, for connection: Int) {
        deadlines.insert(.init(time: time, token: connection))
    }
}

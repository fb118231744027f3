import Dispatch

/// A serial queue with the connections that live on it, their deadlines and one read buffer for all of them.
///
/// `@unchecked Sendable`: members other than `queue` are used on `queue` only.
@safe final class ServerLoop: @unchecked Sendable {
    let queue: DispatchQueue
    /// For the duration of one read; its bytes are taken before the next.
    let readBuffer: UnsafeMutableRawBufferPointer
    private let rules: ConnectionRules
    private let onExchange: (@Sendable (ExchangeSummary) -> Void)?
    private let onClose: @Sendable () -> Void
    private var connections: [Int: SocketConnection] = [:]
    private var lastID = 0
    /// Connections whose descriptors are open.
    private var open = 0
    private var deadlines = DeadlineQueue()
    private let timer: any DispatchSourceTimer
    private var timerDue: ContinuousClock.Instant?
    private var isDraining = false
    private var onEmpty: (@Sendable () -> Void)?

    init(
        index: Int, rules: ConnectionRules, onExchange: (@Sendable (ExchangeSummary) -> Void)?,
        onClose: @escaping @Sendable () -> Void
    ) {
        queue = DispatchQueue(label: "firstlead.http.io.\(index)", qos: .userInitiated)
        unsafe readBuffer = .allocate(byteCount: 65_536, alignment: 16)
        self.rules = rules
        self.onExchange = onExchange
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

    /// Takes over an accepted descriptor, from any thread; with `hasRoom` false only to refuse it.
    func adopt(descriptor: Int32, address: String, hasRoom: Bool) {
        queue.async { [self] in
            lastID += 1
            open += 1
            let connection = SocketConnection(
                id: lastID, descriptor: descriptor, address: address, rules: rules, loop: self)
            connections[lastID] = connection
            connection.start()
            if !hasRoom { connection.refuse() }
            if isDraining { connection.shutDown() }
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

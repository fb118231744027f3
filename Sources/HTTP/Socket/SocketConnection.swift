import Dispatch
private import Glibc

/// Drives one ``Connection`` with a socket: readiness and time become events, actions become system calls.
///
/// `@unchecked Sendable`: every member is used on the loop's queue only.
final class SocketConnection: @unchecked Sendable {
    let id: Int
    private let transport: Transport
    private unowned let loop: ServerLoop
    private var connection: Connection
    private let reading: any DispatchSourceRead
    private var writing: (any DispatchSourceWrite)?
    private var isReading = false
    private var isWriting = false
    private var isClosed = false
    /// Both directions are shut, after which Dispatch's source reports nothing more: its one event has to
    /// serve for all that is left to read, the end or the reset included.
    private var isHungUp = false
    private var liveSources = 1
    private var outputs: [Output] = []
    private var written = 0
    private var cancellation: Cancellation?
    /// The earliest entry in the loop's deadline queue.
    private var armed: ContinuousClock.Instant?

    init(id: Int, descriptor: Int32, address: String, rules: ConnectionRules, loop: ServerLoop) {
        self.id = id
        self.loop = loop
        transport = Transport(descriptor: descriptor)
        connection = Connection(rules: rules, remoteAddress: address, now: .now)
        reading = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: loop.queue)
        reading.setEventHandler { [unowned self] in
            // No bytes to read, but readable: the peer's end or a hang-up, which count as 0.
            if reading.data == 0 { isHungUp = true }
            readReady()
        }
        reading.setCancelHandler { [self] in sourceEnded() }
    }

    func start() { settle() }

    /// There is no room for this connection: it is told so, and closed.
    func refuse() {
        perform(connection.refuseForCapacity(retryAfterSeconds: 1, now: .now))
    }

    func respond(_ response: HTTPResponse, to exchange: Int) {
        perform(connection.respond(response, to: exchange, now: .now))
    }

    func shutDown() {
        // A request whose bytes have arrived is still served.
        readReady()
        perform(connection.shutDown(now: .now))
    }

    func cut() { perform(connection.abort(now: .now)) }

    /// An entry of the deadline queue is due.
    func deadlineDue(_ time: ContinuousClock.Instant) {
        guard armed == time else { return }
        armed = nil
        perform(connection.tick(now: .now))
    }
}

/// Reading and writing.
extension SocketConnection {
    private func readReady() {
        repeat { readOnce() } while isHungUp && !isClosed && connection.wantsInput
    }

    private func readOnce() {
        guard !isClosed, connection.wantsInput else { return }
        let buffer = unsafe loop.readBuffer
        switch unsafe transport.read(into: buffer) {
        case .bytes(let count):
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            unsafe perform(connection.receive(bytes, now: .now))
        case .end:
            cancellation?.noteEndOfInput()
            perform(connection.endOfInput(now: .now))
        case .failed: perform(connection.abort(now: .now))
        case .wouldBlock: isHungUp = false
        }
    }

    private func writeReady() {
        guard !isClosed else { return }
        perform(flush())
    }

    /// Writes until everything is taken or the network takes no more.
    private func flush() -> [ConnectionAction] {
        while let output = outputs.first {
            switch transport.write(output, from: written) {
            case .bytes(let count):
                written += count
                connection.sent(count, now: .now)
                guard written == output.count else { continue }
                outputs.removeFirst()
                written = 0
            case .wouldBlock: return []
            case .failed: return connection.abort(now: .now)
            }
        }
        return connection.outputDrained(now: .now)
    }

    /// Carries out actions, and the actions that come of them, in order and without recursion.
    private func perform(_ actions: [ConnectionAction]) {
        var pending = actions
        var next = 0
        while next < pending.count {
            let action = pending[next]
            next += 1
            switch action {
            case .send(let output):
                outputs.append(output)
                if outputs.count == 1 { pending += flush() }
            case .deliver(let request, let route, let exchange):
                pending += deliver(request, route, exchange)
            case .cancel: cancellation?.cancel()
            case .report(let summary): loop.report(summary)
            case .endOutput: transport.endOutput()
            case .close: close()
            }
        }
        settle()
    }

    private func deliver(
        _ request: HTTPRequest, _ route: AdmittedRoute, _ exchange: Int
    ) -> [ConnectionAction] {
        let cancellation = Cancellation()
        self.cancellation = cancellation
        if connection.hasInputEnded { cancellation.noteEndOfInput() }
        let responder = Responder(cancellation: cancellation) { [loop, id] response in
            loop.respond(response, connection: id, exchange: exchange)
        }
        route.handler(request, responder)
        guard let response = responder.settle() else { return [] }
        return connection.respond(response, to: exchange, now: .now)
    }
}

/// Sources and deadlines follow what the connection waits for.
extension SocketConnection {
    private func settle() {
        guard !isClosed else { return }
        if connection.wantsInput != isReading {
            isReading.toggle()
            if isReading { reading.resume() } else { reading.suspend() }
            if isReading && isHungUp { loop.queue.async { [self] in readReady() } }
        }
        if outputs.isEmpty == isWriting { toggleWriting() }
        if let deadline = connection.deadline, armed.map({ deadline < $0 }) ?? true {
            armed = deadline
            loop.arm(deadline, for: id)
        }
    }

    private func toggleWriting() {
        isWriting.toggle()
        if let writing {
            if isWriting { writing.resume() } else { writing.suspend() }
            return
        }
        let source = DispatchSource.makeWriteSource(fileDescriptor: transport.descriptor, queue: loop.queue)
        source.setEventHandler { [unowned self] in writeReady() }
        source.setCancelHandler { [self] in sourceEnded() }
        liveSources += 1
        writing = source
        source.resume()
    }

    /// The descriptor is closed when both sources have let go of it; a suspended source never would.
    private func close() {
        isClosed = true
        outputs = []
        reading.cancel()
        if !isReading { reading.resume() }
        writing?.cancel()
        if !isWriting { writing?.resume() }
        loop.remove(self)
    }

    private func sourceEnded() {
        liveSources -= 1
        guard liveSources == 0 else { return }
        _ = Glibc.close(transport.descriptor)
        loop.closed()
    }
}

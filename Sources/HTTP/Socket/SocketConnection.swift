private import Glibc

/// Drives one ``Connection`` with a socket: readiness and time become events, actions become system calls.
///
/// `@unchecked Sendable`: every member is used on the loop's thread only.
final class SocketConnection: @unchecked Sendable {
    let id: Int
    private var transport: any Transport
    private unowned let loop: ServerLoop
    private let address: String
    private var connection: Connection
    /// What the poller tells of; every connection begins with reading.
    private var interest: Poller.Interest = .reading
    private var isClosed = false
    private var isProbing = false
    private var outputs: [Output] = []
    private var written = 0
    private var cancellation: Cancellation?
    /// The earliest entry in the loop's deadline queue.
    private var armed: Instant?
    /// By when the transport has to be ready; requests have times of their own from then on.
    private let readyBy: Instant
    /// What the loop was last told.
    private var notedIdle: Instant?
    private var notedBytes = 0

    /// With `isOverflow` one request is served, by rules for that.
    init(
        id: Int, transport: any Transport, address: String, rules: ConnectionRules, isOverflow: Bool,
        loop: ServerLoop
    ) {
        self.id = id
        self.loop = loop
        self.transport = transport
        self.address = address
        let now = Instant.now
        let seconds = isOverflow ? loop.refusalSeconds : loop.handshakeSeconds
        readyBy = now + .seconds(min(seconds, loop.handshakeSeconds))
        connection = Connection(rules: rules, remoteAddress: address, now: now)
        if isOverflow { connection.serveOnce() }
    }

    func start() {
        guard loop.poller.add(transport.descriptor, token: id, interest: interest) else { return cut() }
        settle()
    }

    /// The poller tells of the descriptor.
    func ready(_ event: Poller.Event) {
        // A reset, with neither direction waited for: nobody is there to be answered.
        if event.hasEnded, interest.isEmpty { return cut() }
        if interest.contains(.reading), event.isReadable || event.hasEnded { readReady() }
        if interest.contains(.writing), event.isWritable || event.hasEnded { writeReady() }
    }

    /// Since when it has been between requests; nil while it is not.
    var idleSince: Instant? { isClosed ? nil : connection.idleSince }
    /// Since when a body is coming that takes more than a trifle; nil while none is.
    var receivingSince: Instant? {
        notedBytes > SocketConnection.trifleBytes ? connection.receivingSince : nil
    }

    /// Its body is given up.
    func shed() {
        connection.shed(now: .now)
        act()
    }

    func respond(_ response: HTTPResponse, to exchange: Int) {
        connection.respond(response, to: exchange, now: .now)
        act()
    }

    func shutDown() {
        // A request whose bytes have arrived is still served.
        readReady()
        connection.shutDown(now: .now)
        act()
    }

    func cut() {
        connection.abort(now: .now)
        act()
    }

    /// An entry of the deadline queue is due.
    func deadlineDue(_ time: Instant) {
        guard armed == time else { return }
        armed = nil
        if transport.isReady || connection.stage == .lingering {
            connection.tick(now: .now)
            act()
        } else if time >= readyBy {
            cut()
        }
    }
}

/// Reading and writing.
extension SocketConnection {
    /// More would keep other connections waiting.
    private static let bodyBytesAtOnce = 262_144

    private func readReady() {
        repeat {
            readOnce()
        } while transport.hasUnreported && !isClosed && connection.wantsInput
    }

    private func readOnce() {
        guard !isClosed, connection.wantsInput else { return }
        let isWorthwhile = connection.straightBytes >= transport.leastRoom
        let reading = isWorthwhile ? readBody() : readAnything()
        switch reading {
        case .bytes: break
        case .end:
            cancellation?.noteEndOfInput()
            connection.endOfInput(now: .now)
        case .failed: connection.abort(now: .now)
        case .refused: connection.linger(now: .now)
        case .notEncrypted: refuseClearText()
        case .wouldBlock: break
        }
        act()
        if reading == .end, connection.canProbe, !isProbing { probeLater() }
    }

    private func readAnything() -> Reading {
        let buffer = unsafe loop.readBuffer
        let wasReady = transport.isReady
        let reading = unsafe transport.read(into: buffer)
        if transport.isReady, !wasReady { beginRequests() }
        if case .bytes(let count) = reading {
            unsafe connection.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now: .now)
        }
        return reading
    }

    /// Most of a large body comes here, and is not copied.
    private func readBody() -> Reading {
        var reading = Reading.wouldBlock
        unsafe connection.receiveBody(atMost: SocketConnection.bodyBytesAtOnce, now: .now) { room in
            reading = unsafe transport.read(into: room)
            return if case .bytes(let count) = reading { count } else { 0 }
        }
        return reading
    }

    /// A handshake is over: the time for a request begins, and what waits to be sent can go.
    private func beginRequests() {
        if outputs.isEmpty {
            connection.beginRequests(now: .now)
        } else {
            flush()
            act()
        }
    }

    /// HTTP where TLS is expected is answered in kind, for people to see what is wrong.
    private func refuseClearText() {
        transport = PlainTransport(descriptor: transport.descriptor)
        outputs = []
        connection.refuse(with: .tlsRequired, now: .now)
    }

    private func writeReady() {
        guard !isClosed else { return }
        if transport.hasPendingOutput { transport.flush() }
        if !outputs.isEmpty { flush() }
        act()
    }

    /// Writes until everything is taken or the network takes no more.
    private func flush() {
        while let output = outputs.first {
            switch transport.write(output, from: written) {
            case .bytes(let count):
                written += count
                connection.sent(count)
                guard written == output.count else { continue }
                outputs.removeFirst()
                written = 0
            case .wouldBlock: return
            case .failed: return connection.abort(now: .now)
            }
        }
        connection.outputDrained(now: .now)
    }

    /// Does what the connection wants done, and what comes of that, in order and without recursion.
    private func act() {
        while let action = connection.nextAction() {
            switch action {
            case .send(let output):
                outputs.append(output)
                if outputs.count == 1 { flush() }
            case .deliver(let request, let route, let exchange): deliver(request, route, exchange)
            case .cancel: cancellation?.cancel()
            case .report(let summary): loop.report(summary)
            case .endOutput: transport.endOutput()
            case .close: close()
            }
        }
        settle()
    }

    private func deliver(_ request: HTTPRequest, _ route: AdmittedRoute, _ exchange: Int) {
        let cancellation = Cancellation()
        self.cancellation = cancellation
        if connection.hasInputEnded { cancellation.noteEndOfInput() }
        let responder = Responder(cancellation: cancellation) { [loop, id] response in
            loop.respond(response, connection: id, exchange: exchange)
        }
        route.handler(request, responder)
        guard let response = responder.settle() else { return }
        connection.respond(response, to: exchange, now: .now)
    }
}

/// A client that has closed its sending side, and perhaps everything.
extension SocketConnection {
    private static let probeDelay = Duration.milliseconds(250)

    /// A quick answer needs no probe. A slow one is worth knowing whether anybody is there to read it: the system
    /// of a client that has gone resets the connection once something is sent to it, and the poller tells.
    private func probeLater() {
        isProbing = true
        loop.after(SocketConnection.probeDelay) { [weak self] in
            guard let self else { return }
            isProbing = false
            guard !isClosed else { return }
            connection.probe()
            act()
        }
    }
}

/// The poller and deadlines follow what the connection waits for.
extension SocketConnection {
    /// Bodies up to this are never given up: there would be little to gain.
    private static let trifleBytes = 16_384

    private func settle() {
        guard !isClosed else { return }
        var wanted: Poller.Interest = connection.wantsInput ? .reading : []
        if !outputs.isEmpty && transport.isReady || transport.hasPendingOutput { wanted.insert(.writing) }
        if wanted != interest {
            let begins = wanted.contains(.reading) && !interest.contains(.reading)
            interest = wanted
            loop.poller.change(transport.descriptor, token: id, interest: wanted)
            // Nothing new has to come for what is decrypted already.
            if begins, transport.hasUnreported { loop.soon { [self] in readReady() } }
        }
        let next = transport.isReady || connection.stage == .lingering ? connection.deadline : readyBy
        if let deadline = next, armed.map({ deadline < $0 }) ?? true {
            armed = deadline
            loop.arm(deadline, for: id)
        }
        tellLoop()
    }

    private func tellLoop() {
        let idle = connection.idleSince
        if let idle, idle != notedIdle { loop.noteIdle(id, since: idle) }
        notedIdle = idle
        let bytes = connection.heldBytes + outputs.reduce(0) { $0 + $1.body.count }
        guard bytes != notedBytes else { return }
        let change = bytes - notedBytes
        notedBytes = bytes
        loop.noteHeld(change)
    }

    private func close() {
        isClosed = true
        outputs = []
        transport.close()
        loop.noteHeld(-notedBytes)
        notedBytes = 0
        _ = Glibc.close(transport.descriptor)
        loop.remove(self)
        loop.closed()
    }
}

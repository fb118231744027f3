/// The rules of one HTTP/1.1 connection, as a value: events go in, with the time at which they happened, and
/// actions come out. It owns no socket and reads no clock, so every rule can be tested without either.
///
/// One request is handled at a time. What a client pipelines behind it waits, in bounded memory, which keeps
/// the answers in order (RFC 9112 §9.3.2). After each event the driver carries out what ``nextAction()`` says until it
/// says no more, then looks at ``wantsInput`` and ``deadline``.
///
/// It cannot be copied: a driver that did so by accident would pay for it with every event.
package struct Connection: ~Copyable, Sendable {
    /// What the connection is doing, and so what it waits for.
    package enum Stage: Sendable, Equatable {
        /// Between requests, or within a head.
        case reading
        case body
        /// A request was delivered and its answer has not come.
        case handling
        /// A final answer has not been taken by the network.
        case sending
        /// An early answer was sent; the rest of its request is read away.
        case discarding
        /// The sending side is closed; what the client still sends is read away (RFC 9112 §9.6).
        case lingering
        case closed
    }

    /// What is known of the request that is being answered.
    struct Exchange: Sendable {
        let method: HTTPMethod?
        let version: HTTPVersion
        let keepsConnection: Bool
        let requestID: String
        let started: Instant
        var head: RequestHead?
        var route: AdmittedRoute?
        var template: String?
        var requestBytes = 0
        var responseBytes = 0
        /// nil while no answer has been decided.
        var status: HTTPStatus?
    }

    let rules: ConnectionRules
    var actions = ConnectionActions()
    let remoteAddress: String
    var decoder: RequestDecoder
    package internal(set) var stage: Stage = .reading
    var exchange: Exchange?
    /// Numbers the exchanges, so that a late answer is not taken for the next one's.
    var serial = 0
    var answered = 0
    /// When the stage began, and bytes that moved in it.
    var stageStart: Instant
    var stageBytes = 0
    var lastInput: Instant
    var headStart: Instant?
    var hasInputEnded = false
    var isDraining = false
    var closesAfterOutput = false
    var hasOutstandingBody = false

    package init(rules: ConnectionRules, remoteAddress: String, now: Instant) {
        self.rules = rules
        self.remoteAddress = remoteAddress
        decoder = RequestDecoder(limits: rules.limits, isSecure: rules.isSecure)
        stageStart = now
        lastInput = now
    }

    /// Whether the driver should read from the network now. While a request is answered a little may come in,
    /// so that the client's going away is noticed; more than that waits in the network.
    package var wantsInput: Bool {
        guard !hasInputEnded else { return false }
        switch stage {
        case .closed: return false
        case .handling, .sending: return closesAfterOutput || decoder.bufferedBytes < rules.pipelinedBytes
        case .reading, .body, .discarding, .lingering: return true
        }
    }

    /// When ``tick(now:)`` should be called, unless another event comes first.
    package var deadline: Instant? {
        let times = rules.timeouts
        switch stage {
        case .reading:
            if decoder.isInsideRequest { return (headStart ?? stageStart) + .seconds(times.header) }
            return stageStart + .seconds(answered == 0 ? times.header : times.idle)
        case .body, .discarding:
            return stageStart + times.allowance(times.body, bytes: stageBytes, maximum: times.bodyMaximum)
        case .handling: return stageStart + .seconds(times.handler)
        case .sending: return stageStart + times.allowance(times.write, bytes: stageBytes)
        case .lingering:
            let idle = isDraining && !hasOutstandingBody ? times.lingerDraining : times.lingerIdle
            return min(stageStart + .seconds(times.linger), max(lastInput, stageStart) + .seconds(idle))
        case .closed: return nil
        }
    }

    /// What is to be done next; nil when nothing is.
    package mutating func nextAction() -> ConnectionAction? { actions.next() }

    mutating func enter(_ next: Stage, _ now: Instant) {
        stage = next
        stageStart = now
        stageBytes = 0
    }
}

/// Events.
extension Connection {
    /// Bytes have come from the client.
    package mutating func receive(_ bytes: some Collection<UInt8>, now: Instant) {
        lastInput = now
        // After the decision to close nothing more of the connection means anything: RFC 9112 §9.6.
        guard stage != .lingering, stage != .closed, !closesAfterOutput else { return }
        if stage == .reading, !decoder.isInsideRequest { headStart = now }
        if stage == .body || stage == .discarding { stageBytes += bytes.count }
        decoder.append(bytes)
        advance(now)
    }

    /// How many bytes of a body may be read straight to their place by ``receiveBody(atMost:now:_:)``, instead of being
    /// handed over by ``receive(_:now:)``.
    package var straightBytes: Int {
        stage == .body && !closesAfterOutput ? decoder.straightBytes : 0
    }

    /// Has `fill` write the next bytes of a body where they stay, at most `count` and ``straightBytes``; it returns how
    /// many have come, which may be none.
    package mutating func receiveBody(
        atMost count: Int, now: Instant, _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard straightBytes > 0 else { return }
        let filled = unsafe decoder.fillBody(atMost: count, fill)
        guard filled > 0 else { return }
        lastInput = now
        stageBytes += filled
        advance(now)
    }

    /// The client has closed its sending side. It may still be reading: an answer under way is sent.
    package mutating func endOfInput(now: Instant) {
        hasInputEnded = true
        if stage == .lingering { close(now) } else { advance(now) }
    }

    /// The network has taken some of the output.
    package mutating func sent(_ bytes: Int) {
        if stage == .sending { stageBytes += bytes }
    }

    /// The network has taken all of the output.
    package mutating func outputDrained(now: Instant) {
        guard stage == .sending else { return }
        answered += 1
        report(now, isComplete: true)
        if closesAfterOutput || (isDraining && hasOutstandingBody) { return beginLingering(now) }
        enter(hasOutstandingBody ? .discarding : .reading, now)
        headStart = now
        advance(now)
    }

    /// A handler's answer. One that nobody waits for any more is dropped.
    package mutating func respond(_ response: HTTPResponse, to exchange: Int, now: Instant) {
        guard stage == .handling, exchange == serial else { return }
        send(response, now)
    }

    /// Time has passed.
    package mutating func tick(now: Instant) {
        guard let deadline, now >= deadline else { return }
        switch stage {
        case .reading where decoder.isInsideRequest: refuse(.headTimeout, now)
        case .body: refuse(.bodyTimeout, now)
        case .handling:
            closesAfterOutput = true
            let problem = Problem(
                type: Problem.type(for: "handler-timeout"), status: .serviceUnavailable,
                detail: "The request was not answered in time.")
            actions.append(.cancel(exchange: serial))
            send(problem.response(), now)
        case .reading, .sending, .discarding, .lingering, .closed: close(now)
        }
    }

    /// The server is stopping: a request under way is answered and the connection closed after it.
    package mutating func shutDown(now: Instant) {
        isDraining = true
        if stage == .discarding { return beginLingering(now) }
        if stage == .reading, !decoder.isInsideRequest { close(now) }
    }

    /// The connection is gone, or is to be cut.
    package mutating func abort(now: Instant) { close(now) }
}

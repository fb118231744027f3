/// Ends of connections that never had a request.
extension Connection {
    /// Says what is wrong with a new connection, and closes it.
    package mutating func refuse(with problem: Problem, now: Instant) {
        closesAfterOutput = true
        send(problem.response(), now)
    }

    /// Serves one request and then closes.
    package mutating func serveOnce() { isDraining = true }

    /// Since when the connection has been between requests; nil while it is not.
    package var idleSince: Instant? {
        stage == .reading && !decoder.isInsideRequest ? stageStart : nil
    }

    /// Since when a body is coming; nil while none is.
    package var receivingSince: Instant? { stage == .body ? stageStart : nil }

    /// Whether a client that has closed its sending side waits for an answer, or has gone: to tell the two apart
    /// something has to be sent to it, which HTTP/1.1 lets be an interim answer (RFC 9110 §15.2).
    package var canProbe: Bool {
        stage == .handling && hasInputEnded && exchange?.version == .http11
    }

    /// Sends what a client that has gone answers with a reset, and any other skips.
    package mutating func probe() {
        if canProbe { actions.append(.send(ResponseEncoder.goOn)) }
    }

    /// Bytes of requests that are held: read and not decoded, decoded, and handed to a handler.
    package var heldBytes: Int {
        decoder.buffer.count + decoder.body.count + (stage == .handling ? exchange?.requestBytes ?? 0 : 0)
    }

    /// Gives up a body that is coming, because there is no room for it.
    package mutating func shed(now: Instant) {
        guard stage == .body else { return }
        decoder.discardBody(limit: 0)
        hasOutstandingBody = true
        closesAfterOutput = true
        var fields = HTTPFields()
        fields[.retryAfter] = "1"
        send(Problem.noRoomForBody.response(fields: fields), now)
    }

    /// The time for a first request begins now: what came before was not HTTP.
    package mutating func beginRequests(now: Instant) {
        guard stage == .reading else { return }
        enter(.reading, now)
    }

    /// The peer has been told all that it will be told: what it still sends is read away.
    package mutating func linger(now: Instant) {
        closesAfterOutput = true
        beginLingering(now)
    }
}

extension Problem {
    static let noRoomForBody = Problem(
        type: Problem.type(for: "no-room-for-body"), status: .serviceUnavailable,
        detail: "The server holds as much of unfinished requests as it can; this one was the slowest.")

    /// RFC 9110 §4.2.2 gives https a port of its own; who speaks HTTP there is told so in words.
    package static let tlsRequired = Problem(
        type: Problem.type(for: "tls-required"), status: .badRequest,
        detail: "This port speaks TLS: use https.")
}

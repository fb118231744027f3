import HTTP

/// A connection with a clock that tests move, and a record of what it wanted done.
final class ConnectionHarness {
    var connection: Connection
    private(set) var now: Instant
    private(set) var sent = ""
    private(set) var delivered: [(request: HTTPRequest, exchange: Int)] = []
    private(set) var cancelled: [Int] = []
    private(set) var reports: [ExchangeSummary] = []
    private(set) var hasEndedOutput = false
    private(set) var isClosed = false
    var stage: Connection.Stage { connection.stage }
    var wantsInput: Bool { connection.wantsInput }
    /// Whether the network takes output at once.
    var drains = true

    init(_ adjust: (inout ConnectionRules) -> Void = { _ in }) {
        var router = Router()
        router.on(.get, "/") { _, _ in }
        router.on(.post, "/upload", maximumBodyBytes: 1_000_000) { _, _ in }
        router.on(.post, "/small", maximumBodyBytes: 10) { _, _ in }
        router.on(
            .post, "/guarded",
            headCheck: { head in
                head.fields[.authorization] == nil ? Problem(status: .unauthorized).response() : nil
            }, handler: { _, _ in })
        let routes = router
        var rules = ConnectionRules(
            gate: { routes.admit($0) }, date: { "Sun, 06 Nov 1994 08:49:37 GMT" }, makeRequestID: { "made" })
        adjust(&rules)
        now = .now
        connection = Connection(rules: rules, remoteAddress: "192.0.2.1", now: now)
    }

    func receive(_ text: String) { happen { $0.receive(Array(text.utf8), now: $1) } }
    /// Bytes of a body that are read straight to where they stay, as many as may be; returns how many.
    func receiveStraight(_ text: String) -> Int {
        var taken = 0
        happen {
            unsafe $0.receiveBody(atMost: text.utf8.count, now: $1) { room in
                unsafe room.copyBytes(from: text.utf8.prefix(room.count))
                taken = room.count
                return taken
            }
        }
        return taken
    }
    func endInput() { happen { $0.endOfInput(now: $1) } }
    func shutDown() { happen { $0.shutDown(now: $1) } }
    func abort() { happen { $0.abort(now: $1) } }

    func respond(_ body: String = "ok", status: HTTPStatus = .ok, to exchange: Int? = nil) {
        let response = HTTPResponse(status: status, body: Array(body.utf8))
        let target = exchange ?? delivered.last?.exchange ?? 0
        happen { $0.respond(response, to: target, now: $1) }
    }

    func drain() { happen { $0.outputDrained(now: $1) } }

    func took(_ bytes: Int) { connection.sent(bytes) }

    /// Lets time pass, with a tick at its end as a timer would give.
    func wait(_ seconds: Double) {
        now += .seconds(seconds)
        happen { $0.tick(now: $1) }
    }

    /// What was sent since the last time, as text.
    func takeSent() -> String {
        defer { sent = "" }
        return sent
    }

    /// The status codes of what was sent, in order.
    var statuses: [Int] {
        sent.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }

    /// An event, and what comes of it.
    private func happen(_ event: (inout Connection, Instant) -> Void) {
        event(&connection, now)
        while let action = connection.nextAction() {
            switch action {
            case .send(let output):
                sent += String(decoding: output.head + output.body, as: UTF8.self)
                if drains { connection.outputDrained(now: now) }
            case .deliver(let request, _, let exchange): delivered.append((request, exchange))
            case .cancel(let exchange): cancelled.append(exchange)
            case .report(let summary): reports.append(summary)
            case .endOutput: hasEndedOutput = true
            case .close: isClosed = true
            }
        }
    }
}

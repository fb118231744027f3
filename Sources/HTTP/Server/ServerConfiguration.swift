private import FoundationEssentials

/// How a server listens and what it takes.
package struct ServerConfiguration: Sendable {
    /// A numeric address or a name; `::` is every address of both families.
    package var host = "127.0.0.1"
    /// 0 takes a free port, which ``HTTPServer/start()`` returns.
    package var port = 8_080
    /// A listening socket to serve on instead of opening one; the server closes it.
    package var descriptor: Int32?
    /// Connections that the system keeps until they are accepted; it has a limit of its own.
    package var backlog = 1_024
    /// Connections at a time. One more takes the place of one that rests between requests; where none does, it is
    /// answered 503 and closed.
    package var maximumConnections = 4_096
    /// Connections beyond ``maximumConnections`` that are told so at a time; one beyond these is only closed.
    package var maximumRefusals = 64
    /// Seconds that such a connection has for its one request, its handshake included.
    package var refusalSeconds = 2.0
    /// Paths that are served even then: probes.
    package var reservedPaths: Set<String> = []
    /// Bytes of requests that may be held at a time, over all connections. Beyond, the body that has been coming
    /// longest is refused.
    package var heldBytes = 256 << 20
    /// Given, connections are encrypted.
    package var tls: ServerTLS?
    /// Called for every handshake that failed, on an I/O thread, which it must not block.
    package var onHandshakeFailure: (@Sendable (_ reason: String, _ address: String) -> Void)?
    /// Threads on which all connections live: one for each two processors, four at most, unless told otherwise. On two
    /// processors a second one competes with what it serves, clients on the same machine or the work that requests ask
    /// for, and the longest times grow.
    package var ioLoops = min(4, max(1, ProcessInfo.processInfo.activeProcessorCount / 2))
    package var limits = MessageLimits()
    package var timeouts = ConnectionTimeouts()
    /// What `Server` says; nil leaves the field out.
    package var serverName: String? = "firstlead"
    /// Given, pages of other origins may read answers.
    package var crossOrigin: CrossOrigin?
    /// Called for every exchange on an I/O thread, which it must not block.
    package var onExchange: (@Sendable (ExchangeSummary) -> Void)?

    package init() {}
}

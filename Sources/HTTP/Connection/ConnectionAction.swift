/// What a connection wants done: ``Connection/nextAction()``.
package enum ConnectionAction: Sendable {
    /// Send these bytes; report progress by ``Connection/sent(_:)`` and the end by
    /// ``Connection/outputDrained(now:)``.
    case send(Output)
    /// Hand the request to its route; the answer comes back by ``Connection/respond(_:to:now:)``.
    case deliver(HTTPRequest, AdmittedRoute, exchange: Int)
    /// The client is gone: nobody waits for this exchange's answer.
    case cancel(exchange: Int)
    case report(ExchangeSummary)
    /// Close the sending side and keep reading, so that unread input does not reset the connection before the
    /// client has read its answer (RFC 9112 §9.6).
    case endOutput
    case close
}

/// Bytes to send: a head and a body, which one system call takes together.
package struct Output: Sendable, Equatable {
    package var head: [UInt8]
    package var body: [UInt8]
    /// Whether ``ConnectionAction/endOutput`` follows: one segment can carry the bytes and the end.
    package var isLast = false

    package init(head: [UInt8], body: [UInt8] = []) {
        self.head = head
        self.body = body
    }

    package var count: Int { head.count + body.count }
}

/// How long each phase of a connection may take, in seconds. None is unlimited.
package struct ConnectionTimeouts: Sendable, Equatable {
    /// From the first byte of a request to the end of its head; also from accepting a connection to its first
    /// byte.
    package var header = 10.0
    /// For a body, before what ``minimumBytesPerSecond`` adds for each byte that has come.
    package var body = 30.0
    /// Beyond this a body is cut off however steadily it comes.
    package var bodyMaximum = 300.0
    /// From delivering a request to its answer.
    package var handler = 120.0
    /// For sending an answer, before what ``minimumBytesPerSecond`` adds for each byte that was taken.
    package var write = 30.0
    /// Between requests.
    package var idle = 60.0
    /// After the last answer, while the client is still sending: for all of it, and between two pieces.
    package var linger = 15.0
    package var lingerIdle = 5.0
    /// The latter while the server stops, for a client that owes no more of its request: it will hardly send
    /// anything that would reset the connection before it has read its answer.
    package var lingerDraining = 0.25
    /// The slowest peer that is waited for, in bytes per second: a weak cellular link, not a dribble.
    package var minimumBytesPerSecond = 1_024.0

    package init() {}

    /// Time that a transfer may have taken once `bytes` have moved.
    func allowance(_ base: Double, bytes: Int, maximum: Double = .infinity) -> Duration {
        .seconds(min(base + Double(bytes) / minimumBytesPerSecond, max(base, maximum)))
    }
}

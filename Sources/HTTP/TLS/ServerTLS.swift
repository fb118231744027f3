private import Synchronization

/// A server's TLS, whose files can be read anew while it serves.
package final class ServerTLS: Sendable {
    package let configuration: TLSConfiguration
    private let loaded: Mutex<TLSContext>

    /// Reads every file. Throws: ``TLSError``.
    package init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        loaded = Mutex(try TLSContext(configuration))
    }

    /// Reads the files anew: handshakes from now on use them, connections go on as they are, and tickets of
    /// before are no longer taken. When a file is not sound nothing changes. Throws: ``TLSError``.
    package func reload() throws(TLSError) {
        let fresh = try TLSContext(configuration)
        loaded.withLock { $0 = fresh }
    }

    /// What an operator should know of the files in use.
    package var warnings: [String] { current.warnings }

    /// What a new connection uses, for as long as it lives.
    var current: TLSContext { loaded.withLock { $0 } }
}

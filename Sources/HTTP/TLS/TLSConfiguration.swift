/// What a server needs to speak TLS: files, which are read when it starts and at every reload.
package struct TLSConfiguration: Sendable, Equatable {
    /// A certificate with its chain and its private key, both PEM.
    package struct Identity: Sendable, Equatable {
        /// The server's certificate first, then intermediates in order.
        package var certificateFile: String
        package var keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Versions that are spoken. Older ones are broken (RFC 8996).
    package enum Version: String, Sendable, CaseIterable {
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// One for each host name; the first also serves clients that name no host or an unknown one.
    package var identities: [Identity]
    /// Certificates that sign clients' certificates, PEM. Given, every client has to show one.
    package var clientAuthorityFile: String?
    /// Clients that are let in; empty for all that the authorities vouch for. An entry is a whole subject as
    /// RFC 4514 writes it (`CN=ambulance-7,O=Example`), or a name of the certificate: `DNS:...`, `URI:...`.
    package var clientSubjects: [String] = []
    package var minimumVersion: Version = .tls12
    /// Seconds from accepting a connection to the end of its handshake.
    package var handshakeTimeout = 10.0
    /// `max-age` of Strict-Transport-Security in seconds (RFC 6797 §6.1.1); 0 leaves the field out.
    package var strictTransportSeconds = 31_536_000
    /// Age at which ticket keys are replaced. Tickets of the previous key are still taken, and renewed.
    package var ticketKeySeconds = 3_600.0

    package init(identities: [Identity]) { self.identities = identities }
}

/// Why TLS cannot be set up: the file at fault and what is wrong with it.
package struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was being done, for programs to tell causes apart.
    package enum Step: String, Sendable {
        case noIdentity, certificate, key, keyMismatch, clientAuthority, settings
    }

    package let step: Step
    /// The file, or empty when none is to blame.
    package let file: String
    package let reason: String

    package var description: String { file.isEmpty ? "TLS: \(reason)" : "TLS: \(file): \(reason)" }
}

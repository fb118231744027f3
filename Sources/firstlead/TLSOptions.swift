import ArgumentParser
import HTTP

/// What `serve` needs for TLS; without a certificate it speaks plain HTTP.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Certificate with its chain, PEM; once for each host name, with a --tls-key each.",
            valueName: "file"))
    var tlsCert: [String] = []
    @Option(help: ArgumentHelp("Private key of the certificate in the same place, PEM.", valueName: "file"))
    var tlsKey: [String] = []
    @Option(
        help: ArgumentHelp(
            "Authorities, PEM: every client has to show a certificate that one of them vouches for.",
            valueName: "file"))
    var tlsClientCa: String?
    @Option(
        help: ArgumentHelp(
            "A client that is let in, by its subject (CN=unit-7,O=Example) or a name (DNS:..., URI:...); repeat it. "
                + "Without it, all that the authorities vouch for.", valueName: "name"))
    var tlsClientSubject: [String] = []
    @Option(help: ArgumentHelp("Oldest version that is spoken: 1.2 or 1.3.", valueName: "version"))
    var tlsMinVersion: String = "1.2"
    @Option(
        help: ArgumentHelp(
            "How long browsers should insist on https (Strict-Transport-Security); 0 leaves it out.",
            valueName: "seconds"))
    var tlsHsts: Int = 31_536_000

    func validate() throws {
        guard tlsCert.count == tlsKey.count else {
            throw ValidationError("--tls-cert and --tls-key come in pairs")
        }
        guard TLSConfiguration.Version(rawValue: tlsMinVersion) != nil else {
            throw ValidationError("--tls-min-version takes 1.2 or 1.3")
        }
        guard tlsClientCa == nil || !tlsCert.isEmpty else {
            throw ValidationError("--tls-client-ca needs --tls-cert")
        }
        guard tlsClientSubject.isEmpty || tlsClientCa != nil else {
            throw ValidationError("--tls-client-subject needs --tls-client-ca")
        }
        guard tlsHsts >= 0 else { throw ValidationError("--tls-hsts takes 0 or more") }
    }

    /// nil for plain HTTP. Reports what an operator should know; throws ``Exit/tls``.
    func load() throws -> ServerTLS? {
        guard !tlsCert.isEmpty else { return nil }
        var configuration = TLSConfiguration(
            identities: zip(tlsCert, tlsKey).map { .init(certificateFile: $0, keyFile: $1) })
        configuration.clientAuthorityFile = tlsClientCa
        configuration.clientSubjects = tlsClientSubject
        configuration.minimumVersion = TLSConfiguration.Version(rawValue: tlsMinVersion) ?? .tls12
        configuration.strictTransportSeconds = tlsHsts
        do {
            let tls = try ServerTLS(configuration)
            for warning in tls.warnings { report("warning: \(warning)") }
            return tls
        } catch {
            report("\(error)")
            throw Exit.tls
        }
    }
}

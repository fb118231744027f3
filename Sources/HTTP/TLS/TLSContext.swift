private import COpenSSL

/// Settings, certificates and ticket keys that connections share from one load of the files to the next.
///
/// `@unchecked Sendable`: nothing changes after `init`, and OpenSSL lets threads share a finished `SSL_CTX`.
@safe final class TLSContext: @unchecked Sendable {
    /// What callbacks need to know; contexts point to it, and this object outlives their connections.
    let policy: TLSPolicy
    let warnings: [String]
    private let contexts: [OpaquePointer]

    /// Reads every file. Throws: ``TLSError``.
    init(_ configuration: TLSConfiguration) throws(TLSError) {
        guard !configuration.identities.isEmpty else {
            throw TLSError(step: .noIdentity, file: "", reason: "no certificate was given")
        }
        var contexts: [OpaquePointer] = unsafe []
        var hosts: [TLSPolicy.Host] = []
        var warnings: [String] = []
        do throws(TLSError) {
            for identity in configuration.identities {
                let certificate = try TLSCertificate(identity)
                let context = unsafe try TLSSettings.makeContext(configuration)
                unsafe contexts.append(context)
                unsafe try TLSSettings.use(certificate, of: identity, in: context)
                let index = unsafe contexts.count - 1
                hosts += certificate.hostNames.map { TLSPolicy.Host(name: $0, context: index) }
                warnings += certificate.warnings
            }
        } catch {
            unsafe contexts.forEach { unsafe SSL_CTX_free($0) }
            throw error
        }
        policy = unsafe TLSPolicy(
            contexts: contexts, hosts: hosts, subjects: Set(configuration.clientSubjects),
            tickets: TLSTickets(lifetimeSeconds: configuration.ticketKeySeconds))
        unsafe self.contexts = unsafe contexts
        self.warnings = warnings
        unsafe contexts.forEach { unsafe TLSCallbacks.install(policy, in: $0) }
    }

    deinit { unsafe contexts.forEach { unsafe SSL_CTX_free($0) } }

    /// A connection's state, waiting for a client's hello; nil when there is no memory.
    func makeSession() -> OpaquePointer? {
        guard let session = unsafe SSL_new(contexts[0]) else { return nil }
        unsafe SSL_set_accept_state(session)
        return unsafe session
    }
}

/// How contexts are set up: RFC 9325, without what it only tolerates.
enum TLSSettings {
    /// Forward secrecy and authenticated encryption only (RFC 9325 §4.2), in the server's order; but a client
    /// that puts ChaCha20 first, because its processor has no AES, gets it.
    private static let ciphers = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    private static let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    /// No SHA-1 (RFC 9155).
    private static let signatures = [
        "ECDSA+SHA256", "ed25519", "ECDSA+SHA384", "ECDSA+SHA512", "rsa_pss_rsae_sha256",
        "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512", "RSA+SHA256", "RSA+SHA384", "RSA+SHA512",
    ].joined(separator: ":")
    /// Intermediates between a client's certificate and its authority.
    private static let clientChainDepth: Int32 = 4
    private static let sessionContext = Array("firstlead".utf8)

    /// A context without a certificate. Throws: ``TLSError``.
    static func makeContext(_ configuration: TLSConfiguration) throws(TLSError) -> OpaquePointer {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw failure("no context") }
        let version = configuration.minimumVersion == .tls13 ? TLS1_3_VERSION : TLS1_2_VERSION
        unsafe firstlead_tls_set_options(context)
        let outcomes = unsafe [
            firstlead_tls_set_minimum_version(context, version),
            SSL_CTX_set_cipher_list(context, ciphers), SSL_CTX_set_ciphersuites(context, suites),
            firstlead_tls_set_groups(context, groups), firstlead_tls_set_signatures(context, signatures),
            SSL_CTX_set_session_id_context(context, sessionContext, UInt32(sessionContext.count)),
            SSL_CTX_set_num_tickets(context, 1),
        ]
        // Sessions live in tickets alone: no memory for each client that has ever come.
        unsafe firstlead_tls_disable_session_cache(context)
        _ = unsafe SSL_CTX_set_timeout(context, max(1, Int(2 * configuration.ticketKeySeconds)))
        do throws(TLSError) {
            guard outcomes.allSatisfy({ $0 == 1 }) else { throw failure("a setting was not taken") }
            unsafe try askForCertificates(configuration, in: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    static func use(
        _ certificate: TLSCertificate, of identity: TLSConfiguration.Identity, in context: OpaquePointer
    ) throws(TLSError) {
        guard unsafe SSL_CTX_use_certificate(context, certificate.certificate) == 1,
            unsafe certificate.chain.allSatisfy({
                unsafe firstlead_tls_add_chain_certificate(context, $0) == 1
            })
        else {
            let reason = OpenSSLErrors.take("the certificate was not taken")
            throw TLSError(step: .certificate, file: identity.certificateFile, reason: reason)
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, certificate.key) == 1 else {
            let reason = OpenSSLErrors.take("the key was not taken")
            throw TLSError(step: .key, file: identity.keyFile, reason: reason)
        }
    }

    /// Mutual TLS: a client without a certificate of the authorities is not let in.
    private static func askForCertificates(
        _ configuration: TLSConfiguration, in context: OpaquePointer
    ) throws(TLSError) {
        guard let file = configuration.clientAuthorityFile else { return }
        guard let names = unsafe SSL_load_client_CA_file(file),
            unsafe SSL_CTX_load_verify_file(context, file) == 1
        else {
            let reason = OpenSSLErrors.take("no PEM certificates of authorities")
            throw TLSError(step: .clientAuthority, file: file, reason: reason)
        }
        unsafe SSL_CTX_set_client_CA_list(context, names)
        unsafe SSL_CTX_set_verify_depth(context, clientChainDepth)
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private static func failure(_ reason: String) -> TLSError {
        TLSError(step: .settings, file: "", reason: OpenSSLErrors.take(reason))
    }
}

private import COpenSSL

/// What OpenSSL asks during handshakes.
///
/// `@unchecked Sendable`: nothing changes after `init`.
@safe final class TLSPolicy: @unchecked Sendable {
    /// A name in a certificate, and the context that has this certificate.
    struct Host {
        let name: String
        let context: Int
    }

    let tickets: TLSTickets
    /// Not owned: whoever owns this policy owns them.
    private let contexts: [OpaquePointer]
    private let hosts: [Host]
    private let subjects: Set<String>

    init(contexts: [OpaquePointer], hosts: [Host], subjects: Set<String>, tickets: TLSTickets) {
        unsafe self.contexts = unsafe contexts
        self.hosts = hosts
        self.subjects = subjects
        self.tickets = tickets
    }

    /// The context for a host that a client names: an exact name before a wildcard, else the first.
    func context(for host: String) -> OpaquePointer {
        let host = host.lowercased()
        let match = hosts.first { $0.name == host } ?? hosts.first { TLSNames.matches($0.name, host: host) }
        return unsafe contexts[match?.context ?? 0]
    }

    /// Whether a client with this verified certificate is let in.
    func admits(_ certificate: OpaquePointer) -> Bool {
        subjects.isEmpty || !subjects.isDisjoint(with: unsafe TLSNames.subjects(of: certificate))
    }
}

/// The C functions that lead to a ``TLSPolicy``.
enum TLSCallbacks {
    /// The context points to the policy and does not own it.
    static func install(_ policy: TLSPolicy, in context: OpaquePointer) {
        let data = unsafe Unmanaged.passUnretained(policy).toOpaque()
        unsafe firstlead_tls_set_context_data(context, data)
        unsafe firstlead_tls_on_server_name(context, chooseCertificate)
        unsafe SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nil)
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context, prepareTicket)
        unsafe SSL_CTX_set_cert_verify_callback(context, verifyClient, data)
    }

    private static func policy(of session: OpaquePointer?) -> TLSPolicy? {
        guard let data = unsafe firstlead_tls_context_data(SSL_get_SSL_CTX(session)) else { return nil }
        return unsafe Unmanaged.fromOpaque(data).takeUnretainedValue()
    }

    /// RFC 6066 §3. An unknown name is served with the first certificate: the client judges that.
    private static let chooseCertificate:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
        ) -> Int32 = { session, _, _ in
            guard let policy = unsafe policy(of: session),
                let name = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name)
            else { return SSL_TLSEXT_ERR_NOACK }
            _ = unsafe SSL_set_SSL_CTX(session, policy.context(for: String(cString: name)))
            return SSL_TLSEXT_ERR_OK
        }

    /// RFC 7301 §3.2: a client that offers protocols and not this one is told so by an alert.
    private static let chooseProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, chosenCount, offered, count, _ in
            let wanted = Array("http/1.1".utf8)
            let names = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
            var place = 0
            while place < names.count, unsafe place + 1 + Int(names[place]) <= names.count {
                let name = unsafe names[(place + 1)...].prefix(Int(names[place]))
                if unsafe name.elementsEqual(wanted) {
                    unsafe chosen?.pointee = unsafe offered.map { unsafe $0 + place + 1 }
                    unsafe chosenCount?.pointee = UInt8(wanted.count)
                    return SSL_TLSEXT_ERR_OK
                }
                place += 1 + Int(unsafe names[place])
            }
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }

    private static let prepareTicket:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?,
            OpaquePointer?, Int32
        ) -> Int32 = { session, name, vector, cipher, mac, seals in
            guard let policy = unsafe policy(of: session), let name = unsafe name, let vector = unsafe vector,
                let cipher = unsafe cipher, let mac = unsafe mac
            else { return -1 }
            return unsafe policy.tickets.prepare(
                name, vector, cipher: cipher, mac: mac, seals: seals == 1,
                usedOnce: SSL_version(session) == TLS1_3_VERSION)
        }

    /// The chain by OpenSSL, then the list of those who are let in, so that a refusal is an alert of the
    /// handshake. Resumed sessions were judged when they began, by the same list: a reload ends them.
    private static let verifyClient: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = {
        store, data in
        guard unsafe X509_verify_cert(store) == 1, let data = unsafe data else { return 0 }
        let policy = unsafe Unmanaged<TLSPolicy>.fromOpaque(data).takeUnretainedValue()
        guard let leaf = unsafe X509_STORE_CTX_get0_cert(store), unsafe policy.admits(leaf) else {
            unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
            return 0
        }
        return 1
    }
}

private import COpenSSL
private import Synchronization

/// Keys that session tickets are sealed with (RFC 5077 §4, RFC 8446 §4.6.1).
///
/// A ticket's key opens what it protects, so keys live in memory only, are replaced at a set age, and are
/// forgotten when the one after them is replaced: a ticket is good for at most twice that age. In TLS 1.3 every
/// connection gets a fresh one, because a client uses none twice (RFC 8446 appendix C.4).
///
/// `@unchecked Sendable`: `cipher` is only read.
@safe final class TLSTickets: @unchecked Sendable {
    /// AES-256 in CBC mode and HMAC with SHA-256, as RFC 5077 §4 recommends.
    private struct Key: Sendable {
        var name = [UInt8](repeating: 0, count: 16)
        var cipherKey = [UInt8](repeating: 0, count: 32)
        var macKey = [UInt8](repeating: 0, count: 32)
        let made: ContinuousClock.Instant

        /// nil when OpenSSL has no random numbers to give.
        init?(_ now: ContinuousClock.Instant) {
            made = now
            guard unsafe RAND_bytes(&name, 16) == 1, unsafe RAND_priv_bytes(&cipherKey, 32) == 1,
                unsafe RAND_priv_bytes(&macKey, 32) == 1
            else { return nil }
        }
    }

    /// Looked up once: a name costs OpenSSL more each time than what is done with it.
    private let cipher: OpaquePointer?
    private let lifetime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    /// The newest first.
    private let keys = Mutex<[Key]>([])

    init(
        lifetimeSeconds: Double, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        unsafe cipher = EVP_CIPHER_fetch(nil, "AES-256-CBC", nil)
        lifetime = .seconds(lifetimeSeconds)
        self.now = now
    }

    deinit { unsafe EVP_CIPHER_free(cipher) }

    /// The callback of `SSL_CTX_set_tlsext_ticket_key_evp_cb`: sets both contexts up to seal a ticket or to
    /// open one. Returns 1, 2 when a new ticket should follow, 0 for an unknown key, -1 for a failure.
    func prepare(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, cipher: OpaquePointer,
        mac: OpaquePointer, seals: Bool, usedOnce: Bool
    ) -> Int32 {
        guard seals else { return unsafe open(name, vector, cipher: cipher, mac: mac, usedOnce: usedOnce) }
        guard let key = current(), unsafe RAND_bytes(vector, 16) == 1 else { return -1 }
        for index in 0..<16 { unsafe name[index] = key.name[index] }
        guard unsafe EVP_EncryptInit_ex(cipher, self.cipher, nil, key.cipherKey, vector) == 1,
            unsafe firstlead_set_mac_key(mac, key.macKey, key.macKey.count) == 1
        else { return -1 }
        return 1
    }

    private func open(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, cipher: OpaquePointer,
        mac: OpaquePointer, usedOnce: Bool
    ) -> Int32 {
        let wanted = unsafe Array(UnsafeBufferPointer(start: name, count: 16))
        let newest = current()
        let found = keys.withLock { keys in keys.first { $0.name == wanted } }
        guard let key = found else { return 0 }
        guard unsafe EVP_DecryptInit_ex(cipher, self.cipher, nil, key.cipherKey, vector) == 1,
            unsafe firstlead_set_mac_key(mac, key.macKey, key.macKey.count) == 1
        else { return -1 }
        return key.name == newest?.name && !usedOnce ? 1 : 2
    }

    /// The key to seal with, made anew when the last one is too old; at most one older one is kept, and that
    /// one no longer than its time.
    private func current() -> Key? {
        let now = self.now()
        return keys.withLock { keys in
            if let newest = keys.first, now - newest.made < lifetime { return newest }
            guard let key = Key(now) else { return nil }
            keys = [key] + keys.prefix(1).filter { now - $0.made < lifetime * 2 }
            return key
        }
    }
}

private import COpenSSL
private import Glibc

/// A certificate with its chain and private key, as files hold them.
///
/// Owns OpenSSL's objects; they are only read once it exists.
@safe final class TLSCertificate {
    let certificate: OpaquePointer
    let chain: [OpaquePointer]
    let key: OpaquePointer
    /// Host names that it is for, in lower case; `*.` may stand for one label (RFC 9525 §6.3).
    let hostNames: [String]
    /// What an operator should know of these files.
    let warnings: [String]

    /// Throws: ``TLSError`` when a file cannot be read, or the key is not the certificate's.
    init(_ identity: TLSConfiguration.Identity) throws(TLSError) {
        let (certificate, chain) = unsafe try TLSCertificate.readChain(identity.certificateFile)
        unsafe self.certificate = certificate
        unsafe self.chain = chain
        unsafe key = try TLSCertificate.readKey(identity.keyFile)
        hostNames = unsafe TLSNames.hosts(of: certificate)
        warnings = TLSCertificate.warnings(identity)
        guard unsafe X509_check_private_key(certificate, key) == 1 else {
            ERR_clear_error()
            throw TLSError(
                step: .keyMismatch, file: identity.keyFile,
                reason: "the key does not belong to \(identity.certificateFile)")
        }
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe chain.forEach { unsafe X509_free($0) }
        unsafe EVP_PKEY_free(key)
    }

    /// Every certificate of a PEM file, the server's own first.
    private static func readChain(
        _ file: String
    ) throws(TLSError) -> (OpaquePointer, [OpaquePointer]) {
        let bio = unsafe try open(file, .certificate)
        defer { unsafe BIO_free_all(bio) }
        guard let leaf = unsafe PEM_read_bio_X509(bio, nil, refusePassphrase, nil) else {
            throw TLSError(step: .certificate, file: file, reason: OpenSSLErrors.take("no PEM certificate"))
        }
        var chain: [OpaquePointer] = unsafe []
        while let link = unsafe PEM_read_bio_X509(bio, nil, refusePassphrase, nil) {
            unsafe chain.append(link)
        }
        ERR_clear_error()
        return unsafe (leaf, chain)
    }

    private static func readKey(_ file: String) throws(TLSError) -> OpaquePointer {
        let bio = unsafe try open(file, .key)
        defer { unsafe BIO_free_all(bio) }
        guard let key = unsafe PEM_read_bio_PrivateKey(bio, nil, refusePassphrase, nil) else {
            throw TLSError(
                step: .key, file: file, reason: OpenSSLErrors.take("no unencrypted PEM private key"))
        }
        return unsafe key
    }

    private static func open(_ file: String, _ step: TLSError.Step) throws(TLSError) -> OpaquePointer {
        guard let bio = unsafe BIO_new_file(file, "r") else {
            ERR_clear_error()
            throw TLSError(step: step, file: file, reason: unsafe String(cString: strerror(errno)))
        }
        return unsafe bio
    }

    /// A service has no terminal to ask at: an encrypted key is refused.
    private static let refusePassphrase:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, _ in -1 }

    /// Says so when others than the owner, and a group that may read, can get at the key.
    private static func warnings(_ identity: TLSConfiguration.Identity) -> [String] {
        var status = stat()
        guard unsafe stat(identity.keyFile, &status) == 0, status.st_mode & 0o037 != 0 else { return [] }
        let mode = String(status.st_mode & 0o777, radix: 8)
        return ["TLS: \(identity.keyFile): mode \(mode) lets others at the private key; 600 or 640 does not"]
    }
}

/// What OpenSSL says of the last failure of this thread.
enum OpenSSLErrors {
    /// The first reason that is queued, which is the deepest cause; `fallback` without one. Empties the queue.
    static func take(_ fallback: String) -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = unsafe firstlead_reason(code) else { return fallback }
        return unsafe "\(fallback) (\(String(cString: reason)))"
    }
}

import COpenSSL
import HTTP

/// A blocking TLS client over a ``RawClient``, which can be told every choice that a test is about.
@safe final class TLSClient {
    struct Options {
        var serverName: String? = "localhost"
        var protocols: [String] = []
        var minimumVersion = TLS1_2_VERSION
        var maximumVersion = TLS1_3_VERSION
        /// For versions before 1.3; nil for OpenSSL's own choice.
        var ciphers: String?
        var identity: TLSConfiguration.Identity?
        var resumed: Session?
        /// Bytes that are given to the network at a time; nil for all at once.
        var pieceBytes: Int?
        var receiveBuffer: Int32?
    }

    /// What a later connection can resume.
    @safe final class Session {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }
        deinit { unsafe SSL_SESSION_free(pointer) }

        var ticket: [UInt8] {
            var start: UnsafePointer<UInt8>?
            var count = 0
            unsafe SSL_SESSION_get0_ticket(pointer, &start, &count)
            return unsafe Array(UnsafeBufferPointer(start: start, count: count))
        }
    }

    let raw: RawClient
    private let context: OpaquePointer
    private let session: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let pieceBytes: Int?
    private var received: [UInt8] = []
    /// OpenSSL's word for what went wrong, the peer's alerts among it.
    private(set) var failure: String?
    private(set) var gotCloseNotify = false

    /// Connects and shakes hands; ``failure`` tells how that went. nil when there is nobody to connect to.
    init?(_ address: BoundAddress, _ adjust: (inout Options) -> Void = { _ in }) {
        var options = Options()
        adjust(&options)
        guard let raw = RawClient(address, receiveBuffer: options.receiveBuffer),
            let context = unsafe SSL_CTX_new(TLS_client_method()),
            let session = unsafe TLSClient.makeSession(context, options),
            let input = unsafe BIO_new(BIO_s_mem()), let output = unsafe BIO_new(BIO_s_mem())
        else { return nil }
        self.raw = raw
        unsafe (self.context, self.session) = unsafe (context, session)
        unsafe (self.input, self.output) = unsafe (input, output)
        pieceBytes = options.pieceBytes
        unsafe SSL_set_bio(session, input, output)
        while step({ unsafe SSL_do_handshake(session) }) == nil, failure == nil {}
    }

    deinit {
        unsafe SSL_free(session)
        unsafe SSL_CTX_free(context)
    }

    private static func makeSession(_ context: OpaquePointer, _ options: Options) -> OpaquePointer? {
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(options.minimumVersion), nil)
        _ = unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(options.maximumVersion), nil)
        if let ciphers = options.ciphers { unsafe SSL_CTX_set_cipher_list(context, ciphers) }
        if let identity = options.identity {
            unsafe SSL_CTX_use_certificate_file(context, identity.certificateFile, SSL_FILETYPE_PEM)
            unsafe SSL_CTX_use_PrivateKey_file(context, identity.keyFile, SSL_FILETYPE_PEM)
        }
        let session = unsafe SSL_new(context)
        unsafe SSL_set_connect_state(session)
        if var name = options.serverName?.utf8CString.map({ $0 }) {
            _ = unsafe SSL_ctrl(
                session, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
        }
        let protocols = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !protocols.isEmpty { unsafe SSL_set_alpn_protos(session, protocols, UInt32(protocols.count)) }
        if let resumed = options.resumed { unsafe SSL_set_session(session, resumed.pointer) }
        return unsafe session
    }

    var version: String { unsafe String(cString: SSL_get_version(session)) }
    var cipher: String { unsafe String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(session))) }
    var wasResumed: Bool { unsafe SSL_session_reused(session) == 1 }

    /// The protocol that the server chose, or empty.
    var chosenProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &count)
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// The subject of the server's certificate, one line.
    var serverSubject: String {
        let certificate = unsafe SSL_get1_peer_certificate(session)
        defer { unsafe X509_free(certificate) }
        var text = [CChar](repeating: 0, count: 256)
        unsafe X509_NAME_oneline(X509_get_subject_name(certificate), &text, Int32(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What can be resumed, with a ticket that came by now. Ends the sending side: OpenSSL resumes no session of a
    /// connection that ended without.
    func takeSession() -> Session? {
        endOutput()
        return unsafe SSL_get1_session(session).map { unsafe Session($0) }
    }
}

/// Talking.
extension TLSClient {
    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count, failure == nil {
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe SSL_write(
                    session, buffer.baseAddress.map { unsafe $0 + sent },
                    Int32(min(16_384, bytes.count - sent)))
            }
            guard count > 0 else { return note(count) }
            sent += Int(count)
            deliver()
        }
    }

    /// The next answer; nil when the connection ends first.
    func answer() -> Answer? {
        while true {
            if let (answer, length) = Answer.parse(received, hasBody: true) {
                received.removeFirst(length)
                return answer
            }
            guard fill() else { return nil }
        }
    }

    /// Reads until the server ends the connection: everything that had not been read.
    func rest() -> [UInt8] {
        while fill() {}
        return received
    }

    /// close_notify.
    func endOutput() {
        _ = unsafe SSL_shutdown(session)
        deliver()
    }

    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        guard let count = step({ unsafe SSL_read(session, &piece, Int32(piece.count)) }) else {
            return failure == nil && !gotCloseNotify && !raw.ended && !raw.wasReset
        }
        received += piece.prefix(count)
        return true
    }

    /// One call of OpenSSL; nil when it wanted more bytes, which are fetched, or when it failed.
    private func step(_ call: () -> Int32) -> Int? {
        ERR_clear_error()
        let code = call()
        if code <= 0 { note(code) }
        deliver()
        if code > 0 { return Int(code) }
        guard failure == nil, !gotCloseNotify else { return nil }
        let bytes = raw.receive()
        if bytes.isEmpty { failure = failure ?? "the connection ended" }
        unsafe BIO_write(input, bytes, Int32(bytes.count))
        return nil
    }

    private func note(_ code: Int32) {
        switch unsafe SSL_get_error(session, code) {
        case SSL_ERROR_WANT_READ: break
        case SSL_ERROR_ZERO_RETURN: gotCloseNotify = true
        default:
            let reason = unsafe ERR_reason_error_string(ERR_get_error())
            failure = unsafe reason.map { unsafe String(cString: $0) } ?? "failed"
        }
    }

    private func deliver() {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe BIO_read(output, &bytes, Int32(bytes.count))
            guard count > 0 else { return }
            let all = Array(bytes.prefix(Int(count)))
            let size = pieceBytes ?? all.count
            for start in stride(from: 0, to: all.count, by: size) {
                raw.send(Array(all[start..<min(start + size, all.count)]))
            }
        }
    }
}

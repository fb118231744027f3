private import COpenSSL
private import Glibc

/// Names in certificates (RFC 5280 §4.1.2.6, §4.2.1.6).
enum TLSNames {
    /// Host names of a server's certificate in lower case: its DNS names, else its common name.
    static func hosts(of certificate: OpaquePointer) -> [String] {
        let names = unsafe alternatives(of: certificate, kind: GEN_DNS)
        return (names.isEmpty ? unsafe commonNames(of: certificate) : names).map { $0.lowercased() }
    }

    /// What a client's certificate can be let in by: its subject, and its DNS names and URIs with their kind.
    static func subjects(of certificate: OpaquePointer) -> [String] {
        unsafe [subject(of: certificate)]
            + alternatives(of: certificate, kind: GEN_DNS).map { "DNS:" + $0 }
            + alternatives(of: certificate, kind: GEN_URI).map { "URI:" + $0 }
    }

    /// Whether a certificate's name is for `host`: equal, or a wildcard for its first label.
    static func matches(_ name: String, host: some StringProtocol) -> Bool {
        if name == host { return true }
        guard name.hasPrefix("*."), let dot = host.firstIndex(of: "."), dot != host.startIndex else {
            return false
        }
        return host[dot...] == name.dropFirst()
    }

    /// The subject as RFC 4514 writes it: the last component first.
    private static func subject(of certificate: OpaquePointer) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free_all(bio) }
        guard unsafe firstlead_print_name(bio, X509_get_subject_name(certificate)) >= 0 else { return "" }
        var text = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe BIO_read(bio, &text, Int32(text.count))
        return String(decoding: text.prefix(max(0, Int(count))), as: UTF8.self)
    }

    private static func alternatives(of certificate: OpaquePointer, kind: Int32) -> [String] {
        guard let raw = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
            return []
        }
        let names = OpaquePointer(raw)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = unsafe firstlead_general_name_count(names)
        return (0..<max(0, count)).compactMap { (index: Int32) -> String? in
            guard let name = unsafe firstlead_general_name_text(firstlead_general_name(names, index), kind)
            else {
                return nil
            }
            return unsafe text(name)
        }
    }

    private static func commonNames(of certificate: OpaquePointer) -> [String] {
        let name = unsafe X509_get_subject_name(certificate)
        let index = unsafe X509_NAME_get_index_by_NID(name, NID_commonName, -1)
        guard index >= 0, let value = unsafe X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else {
            return []
        }
        return unsafe text(value).map { [$0] } ?? []
    }

    /// nil for a name with a NUL in it, which C programs would read as a shorter one.
    private static func text(_ string: UnsafePointer<ASN1_STRING>) -> String? {
        let count = Int(unsafe ASN1_STRING_length(string))
        let bytes = unsafe UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: count)
        return unsafe bytes.contains(0) ? nil : String(decoding: bytes, as: UTF8.self)
    }
}

private import COpenSSL

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
    package let hexadecimal: String

    package var description: String { hexadecimal }

    /// The digest of a run of bytes.
    package init(of bytes: some Sequence<UInt8>) {
        var hasher = Hasher256()
        let contiguous: Void? = bytes.withContiguousStorageIfAvailable { unsafe hasher.update($0) }
        if contiguous == nil { unsafe Array(bytes).withUnsafeBufferPointer { unsafe hasher.update($0) } }
        self = hasher.finish()
    }

    /// Reads 64 hexadecimal digits, as a manifest writes them; nil for anything else.
    package init?(hexadecimal: String) {
        let isDigit: (UInt8) -> Bool = { (48...57).contains($0) || (97...102).contains($0) }
        guard hexadecimal.utf8.count == 64, hexadecimal.utf8.allSatisfy(isDigit) else { return nil }
        self.hexadecimal = hexadecimal
    }

    fileprivate init(bytes: some Sequence<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        hexadecimal = String(decoding: text, as: UTF8.self)
    }
}

/// SHA-256 over bytes that arrive in pieces; OpenSSL's, which uses the processor's instructions for it.
@safe package struct Hasher256: ~Copyable {
    private let context: OpaquePointer

    /// A hasher of the empty message.
    package init() {
        guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        else { fatalError("OpenSSL has no SHA-256: out of memory or a broken installation") }
        unsafe self.context = unsafe context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Ends the message. The hasher must not be used again.
    package consuming func finish() -> Digest {
        var sum = [UInt8](repeating: 0, count: 32)
        unsafe EVP_DigestFinal_ex(context, &sum, nil)
        return Digest(bytes: sum)
    }
}

extension MappedFile {
    /// SHA-256 of the whole file.
    package func digest() -> Digest {
        var hasher = Hasher256()
        unsafe withUnsafeBytes { unsafe hasher.update($0) }
        return hasher.finish()
    }
}

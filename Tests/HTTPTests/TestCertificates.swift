import Foundation
import HTTP
import Synchronization
import TestSupport

/// Certificates for tests, made by the `openssl` command when they are first needed: an authority for servers and
/// one for clients, on the curve P-256, good for two days.
final class TestCertificates: Sendable {
    static let shared = Result { try TestCertificates() }

    private let folder: TemporaryFolder

    private init() throws {
        folder = try TemporaryFolder()
        try authority("servers")
        try authority("clients")
        try issue("localhost", subject: "/CN=localhost", names: "DNS:localhost,IP:127.0.0.1", by: "servers")
        try issue("first", subject: "/CN=first.test", names: "DNS:first.test", by: "servers")
        try issue("wild", subject: "/CN=wild.test", names: "DNS:*.wild.test", by: "servers")
        try issue("renewed", subject: "/O=Renewed/CN=localhost", names: "DNS:localhost", by: "servers")
        try issue("ambulance", subject: "/O=Example/CN=ambulance-7", names: "DNS:a7.test", by: "clients")
        try issue("stranger", subject: "/O=Example/CN=stranger", names: "DNS:s.test", by: "clients")
        try issue("impostor", subject: "/O=Example/CN=ambulance-7", names: "DNS:a7.test", by: "servers")
    }

    func path(_ name: String) -> String { folder.path(name) }

    func identity(_ name: String) -> TLSConfiguration.Identity {
        .init(certificateFile: path(name + ".pem"), keyFile: path(name + ".key"))
    }

    /// A configuration that serves these certificates.
    func configuration(_ names: String...) -> TLSConfiguration {
        TLSConfiguration(identities: names.map(identity))
    }

    /// A folder with copies, for tests that change them.
    func copies(of names: [String]) throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        for name in names { try copy.write(folder.bytes(name), to: name) }
        return copy
    }

    /// Runs `openssl`, whose arguments name files of this folder by a leading `@`.
    func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl"] + arguments.map { $0.hasPrefix("@") ? folder.path(String($0.dropFirst())) : $0 }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(arguments: arguments) }
    }

    struct Failed: Error {
        let arguments: [String]
    }

    private func authority(_ name: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", "@\(name).key", "-out", "@\(name).pem")
    }

    private func issue(_ name: String, subject: String, names: String, by authority: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-CA", "@\(authority).pem", "-CAkey", "@\(authority).key", "-subj", subject,
            "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=critical,CA:FALSE",
            "-keyout", "@\(name).key", "-out", "@\(name).pem")
    }
}

/// What tests note from several threads.
final class Failures: Sendable {
    private let reasons = Mutex<[String]>([])
    var all: [String] { reasons.withLock { $0 } }
    func add(_ reason: String) { reasons.withLock { $0.append(reason) } }
}

/// Permissions of a file.
enum FileMode {
    static func set(_ mode: Int, of path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}

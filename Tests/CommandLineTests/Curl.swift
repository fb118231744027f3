import Foundation
import TestSupport
import Testing

/// An exchange with a server, as curl saw it.
struct Exchange {
    let status: Int
    /// By name in lower case.
    let fields: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
}

enum Curl {
    static let binary = "/usr/bin/curl"

    /// Sends one request and waits for the answer.
    static func send(_ url: String, _ options: String...) throws -> Exchange {
        let folder = try TemporaryFolder()
        let outcome = try Tool.run(
            binary,
            ["--silent", "--show-error", "--max-time", "60", "--dump-header", folder.path("head")]
                + ["--output", folder.path("body")] + options + [url])
        try #require(outcome.status == 0, "\(outcome.errors)")
        let head = String(decoding: try folder.bytes("head"), as: UTF8.self)
        return try exchange(head, body: (try? folder.bytes("body")) ?? [])
    }

    /// Reads the last head of those that curl wrote; others are interim answers.
    static func exchange(_ head: String, body: [UInt8]) throws -> Exchange {
        let heads = head.components(separatedBy: "\r\n\r\n").filter { !$0.isEmpty }
        let lines = try #require(heads.last).components(separatedBy: "\r\n")
        let status = try #require(Int(lines[0].split(separator: " ")[1]))
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            let value = line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        return Exchange(
            status: status, fields: Dictionary(fields, uniquingKeysWith: { $0 + ", " + $1 }), body: body)
    }
}

/// A POST that is under way: the server has its head and waits for the rest of its body.
final class UnfinishedPost {
    private let folder: TemporaryFolder
    private let process: Process
    private let input = Pipe()
    private let rest: [UInt8]

    init(_ url: String, _ body: [UInt8], requestID: String) throws {
        folder = try TemporaryFolder()
        process = try Tool.start(
            Curl.binary,
            ["--silent", "--verbose", "--max-time", "60", "-X", "POST", "--upload-file", ".", "--header"]
                + ["Expect: 100-continue", "--header", "Content-Type: application/zip", "--header"]
                + ["X-Request-Id: \(requestID)", "--dump-header", folder.path("head"), "--output"]
                + [folder.path("body"), url],
            output: folder.path("out"), errors: folder.path("err"), input: input)
        rest = Array(body.dropFirst(body.count / 2))
        try input.fileHandleForWriting.write(contentsOf: Data(body.prefix(body.count / 2)))
        try wait("the server to ask for the body") {
            try Tool.text(folder.path("err")).contains("100 Continue")
        }
    }

    deinit { if process.isRunning { process.terminate() } }

    /// Sends the rest of the body and waits for the answer.
    func finish() throws -> Exchange {
        try input.fileHandleForWriting.write(contentsOf: Data(rest))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        let errors = try Tool.text(folder.path("err"))
        try #require(process.terminationStatus == 0, "\(errors)")
        let head = String(decoding: try folder.bytes("head"), as: UTF8.self)
        return try Curl.exchange(head, body: (try? folder.bytes("body")) ?? [])
    }
}

/// Waits until something is so; fails after a while.
func wait(_ what: String, seconds: Double = 20, until isSo: () throws -> Bool) throws {
    let deadline = Date.now.addingTimeInterval(seconds)
    while try !isSo() {
        try #require(Date.now < deadline, "waited too long for \(what)")
        Thread.sleep(forTimeInterval: 0.02)
    }
}

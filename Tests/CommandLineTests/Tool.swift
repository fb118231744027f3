import Foundation
import TestSupport

/// The binary that was built together with these tests.
enum Tool {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// `firstlead`, beside the test executable.
    static let binary: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = (own as NSString).deletingLastPathComponent + "/firstlead"
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : Repository.root + "/.build/release/firstlead"
    }()

    /// Runs `firstlead` to its end, in the repository's root.
    static func run(_ arguments: String...) throws -> Outcome { try run(binary, arguments) }

    /// Runs a program to its end; what it prints goes through files, so that no pipe can fill up.
    static func run(
        _ program: String, _ arguments: [String], in place: String = Repository.root
    ) throws -> Outcome {
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let process = try start(
            program, arguments, output: folder + "/out", errors: folder + "/err", in: place)
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try text(folder + "/out"),
            errors: try text(folder + "/err"))
    }

    /// Starts a program; without `input` it reads nothing.
    static func start(
        _ program: String, _ arguments: [String], output: String, errors: String, input: Pipe? = nil,
        in place: String = Repository.root, environment: [String: String] = [:]
    ) throws -> Process {
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(fileURLWithPath: place)
        process.standardInput = input ?? FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        return process
    }

    static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// A running `firstlead serve` on a free port.
final class RunningServer {
    let process: Process
    let address: String
    private let folder: String

    /// Waits until the server says where it listens.
    init(
        _ arguments: [String] = [], command: [String] = ["serve"], environment: [String: String] = [:]
    ) throws {
        folder = try Repository.temporaryFolder()
        process = try Tool.start(
            Tool.binary, command + ["--listen", "127.0.0.1:0"] + arguments, output: folder + "/out",
            errors: folder + "/err", environment: environment)
        var found: String?
        let deadline = Date.now.addingTimeInterval(60)
        while found == nil, process.isRunning, Date.now < deadline {
            Thread.sleep(forTimeInterval: 0.02)
            found = Self.address(in: try Tool.text(folder + "/err"))
        }
        guard let found else { throw StartError(errors: try Tool.text(folder + "/err")) }
        address = found
    }

    struct StartError: Error {
        let errors: String
    }

    /// What the server wrote to standard error so far.
    var log: String { (try? Tool.text(folder + "/err")) ?? "" }

    /// Tells the server to stop and waits for it.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    deinit {
        if process.isRunning { process.interrupt() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func address(in log: String) -> String? {
        log.split(separator: "\n").first { $0.contains(" on http") }
            .flatMap { $0.components(separatedBy: " on ").last }
    }
}

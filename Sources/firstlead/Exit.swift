import ArgumentParser
import Foundation
import Scoring
import Training

/// Exit codes, after sysexits.h; docs/command-line.md lists them.
enum Exit {
    static let different = ExitCode(1)
    static let refused = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let output = ExitCode(74)
    static let bundle = ExitCode(78)
    static let tls = ExitCode(78)
}

/// Writes a line to standard error.
func report(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data("firstlead: \(line)\n".utf8))
}

extension Refusal {
    /// A file that cannot be opened is told apart from one that is no ECG.
    var exitCode: ExitCode { code == "file-unreadable" ? Exit.noInput : Exit.refused }
}

extension BundleError {
    /// A processor that computes wrongly is told apart from a bundle that is wrong.
    var exitCode: ExitCode { code == .kernels ? Exit.software : Exit.bundle }
}

extension TrainingError {
    /// What cannot be written is told apart from what is wrong with the cohort or the bundle's folder.
    var exitCode: ExitCode {
        switch self {
        case .file: Exit.output
        case .bundle(let error): error.exitCode
        case .booster: Exit.software
        case .cohort(let error) where error.isUnreadable: Exit.noInput
        case .unreadable: Exit.noInput
        case .cohort, .records, .strayFile, .tooSmall, .checkpoint, .diverged, .foreignBooster: Exit.refused
        }
    }
}

/// Runs a command's work and turns every typed error into a line on standard error and an exit code.
func orExit<Value>(_ work: () throws -> Value) throws -> Value {
    do { return try work() } catch let error as BundleError {
        report(error.message)
        throw error.exitCode
    } catch let error as Refusal {
        report(error.message)
        throw error.exitCode
    } catch let error as TrainingError {
        report(error.message)
        throw error.exitCode
    } catch let error as OutputError {
        report(error.message)
        throw Exit.output
    }
}

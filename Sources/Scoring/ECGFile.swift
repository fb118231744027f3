import Bytes
import ECGFormats
import Foundation

/// An ECG on disk: one file, or a WFDB header with the signal files that it names beside it.
package enum ECGFile {
    /// Larger files are refused before they are read.
    package static let maximumBytes = 64 << 20

    /// Reads the file and, for a WFDB header, its companions.
    ///
    /// Throws: ``Refusal`` naming the file that cannot be read.
    package static func submission(at path: String) throws(Refusal) -> SubmittedECG {
        let name = (path as NSString).lastPathComponent
        var files = [(name: name, bytes: try read(path))]
        do throws(FormatError) {
            if name.lowercased().hasSuffix(".hea") {
                let folder = (path as NSString).deletingLastPathComponent
                for companion in try WFDBHeader.signalFileNames(of: files[0].bytes) {
                    files.append((companion, try readCompanion(companion, in: folder, of: name)))
                }
            }
            return try SubmittedECG(files: files)
        } catch { throw Refusal(error) }
    }

    /// A companion is always beside its header: the header cannot lead elsewhere.
    private static func readCompanion(
        _ name: String, in folder: String, of header: String
    ) throws(FormatError) -> [UInt8] {
        let path = (folder as NSString).appendingPathComponent((name as NSString).lastPathComponent)
        do { return try read(path) } catch {
            throw FormatError(
                .missingPart, part: header, detail: "the header names '\(name)': \(error.detail)")
        }
    }

    private static func read(_ path: String) throws(Refusal) -> [UInt8] {
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch {
            throw Refusal(
                code: "file-unreadable", title: "The file cannot be read", detail: error.message)
        }
        guard file.count <= maximumBytes else {
            throw Refusal(
                code: "limit-exceeded", title: "The file is too large",
                detail: "\(file.count) bytes; the limit is \(maximumBytes)", part: path)
        }
        return unsafe file.withUnsafeBytes { unsafe Array($0) }
    }
}

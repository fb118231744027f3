import Bytes
import ECGFormats
import Foundation

/// An ECG on disk: one file, or a WFDB header with the signal files that it names beside it.
package enum ECGFile {
    /// Larger files are refused before they are read.
    package static let maximumBytes = 64 << 20

    /// The ECG of a file, with its companions.
    ///
    /// Throws: ``Refusal`` naming the file that cannot be read.
    package static func submission(at path: String) throws(Refusal) -> SubmittedECG {
        let files = try files(at: path)
        do throws(FormatError) { return try SubmittedECG(files: files) } catch { throw Refusal(error) }
    }

    /// The file and, for a WFDB header, its companions, as they are.
    ///
    /// Throws: ``Refusal`` naming the file that cannot be read.
    package static func files(at path: String) throws(Refusal) -> [(name: String, bytes: [UInt8])] {
        let name = (path as NSString).lastPathComponent
        var files = [(name: name, bytes: try read(path))]
        do throws(FormatError) {
            if name.lowercased().hasSuffix(".hea") { try addCompanions(of: path, to: &files) }
            return files
        } catch { throw Refusal(error) }
    }

    /// The files that a header names, and those that the headers among them name: a record of segments has two levels.
    private static func addCompanions(
        of path: String, to files: inout [(name: String, bytes: [UInt8])]
    ) throws(FormatError) {
        let folder = (path as NSString).deletingLastPathComponent
        var names: Set<String> = []
        var next = 0
        while next < files.count, files.count <= Upload.Limits.parts {
            let header = files[next]
            next += 1
            guard header.name.lowercased().hasSuffix(".hea") else { continue }
            for name in try WFDBHeader.fileNames(of: header.bytes)
            where name != files[0].name && names.insert(name).inserted {
                // One more than is read is enough to be refused.
                guard files.count <= Upload.Limits.parts else { return }
                files.append((name, try readCompanion(name, in: folder, of: header.name)))
            }
        }
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

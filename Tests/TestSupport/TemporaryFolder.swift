import Foundation

/// A folder below the system's temporary one, removed together with this object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws { path = try Repository.temporaryFolder() }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Path of a file in the folder.
    package func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file and makes the folders that it is in.
    package func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(fileURLWithPath: path(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Writes a text file.
    package func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// All bytes of a file in the folder.
    package func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Copies a file of the repository into the folder.
    package func copy(_ source: String, to name: String) throws {
        try write(Repository.bytes(source), to: name)
    }

    /// Names of all files below, relative to the folder, sorted; hidden ones are left out.
    package var files: [String] { Self.files(below: path) }

    /// Names of all files below any folder, relative to it, sorted; hidden ones are left out.
    package static func files(below path: String) -> [String] {
        let names = (FileManager.default.enumerator(atPath: path)?.allObjects ?? []).compactMap {
            $0 as? String
        }
        return names.filter { name in
            var isFolder: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(
                atPath: path + "/" + name, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !name.hasPrefix(".")
        }.sorted()
    }
}

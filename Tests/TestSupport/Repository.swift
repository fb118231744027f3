import Foundation

/// Files of the repository, for tests of what documents name and for data that several test targets read.
package enum Repository {
    /// The repository's root folder.
    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Path of a file named from the root.
    package static func path(_ name: String) -> String { root + "/" + name }

    /// All bytes of a file named from the root.
    package static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// A new, empty folder below the system's temporary one; the caller removes it.
    package static func temporaryFolder() throws -> String {
        let path = NSTemporaryDirectory() + "firstlead-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

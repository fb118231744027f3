import Bytes
import Foundation
import Tensor

/// A bundle's folder: names, bytes and digests, before anything is interpreted.
struct BundleFolder {
    static let manifestName = "manifest.json"
    private static let manifestLimit = 1 << 20

    let path: String

    /// The manifest and its own digest.
    ///
    /// Throws: ``BundleError`` when it cannot be read or is of another schema.
    func manifest() throws(BundleError) -> (manifest: Manifest, digest: Digest) {
        let bytes = try read(Self.manifestName, limit: Self.manifestLimit)
        let manifest: Manifest
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: Data(bytes))
        } catch {
            throw BundleError(.manifest, file: Self.manifestName, "not a manifest: \(error)")
        }
        guard manifest.schemaVersion == Manifest.currentSchema else {
            throw BundleError(
                .manifest, file: Self.manifestName,
                "schema \(manifest.schemaVersion); this version reads \(Manifest.currentSchema)")
        }
        return (manifest, Digest(of: bytes))
    }

    /// The manifest as it is written, members that this version does not know included.
    ///
    /// Throws: ``BundleError``.
    func manifestJSON() throws(BundleError) -> JSONValue {
        let bytes = try read(Self.manifestName, limit: Self.manifestLimit)
        do throws(JSONError) { return try JSONValue.parse(bytes) } catch {
            throw BundleError(.manifest, file: Self.manifestName, error.message)
        }
    }

    /// Checks that the folder holds exactly the listed files, each with its length and digest.
    ///
    /// Throws: ``BundleError`` naming the first file of the list that is wrong.
    func verify(_ entries: [Manifest.FileEntry], pool: WorkerPool) throws(BundleError) {
        // The largest first, so that no thread is left with two of them.
        let bySize = entries.indices.sorted { entries[$0].bytes > entries[$1].bytes }
        let outcomes = pool.map(entries.count) { place -> (index: Int, error: BundleError?) in
            do throws(BundleError) {
                try verify(entries[bySize[place]])
                return (bySize[place], nil)
            } catch { return (bySize[place], error) }
        }
        if let error = outcomes.sorted(by: { $0.index < $1.index }).compactMap(\.error).first { throw error }
        let listed = Set(entries.map(\.name) + [Self.manifestName])
        if let extra = try names().first(where: { !listed.contains($0) }) {
            throw BundleError(.unlistedFile, file: extra, "the manifest does not list this file")
        }
    }

    private func verify(_ entry: Manifest.FileEntry) throws(BundleError) {
        guard Self.isPlain(entry.name), entry.name != Self.manifestName else {
            throw BundleError(
                .manifest, file: Self.manifestName, "'\(entry.name)' is not a plain file name")
        }
        let file = try mapped(entry.name)
        guard file.count == entry.bytes else {
            throw BundleError(
                .digestMismatch, file: entry.name, "\(file.count) bytes; the manifest says \(entry.bytes)")
        }
        let found = file.digest()
        guard found.hexadecimal == entry.sha256 else {
            throw BundleError(
                .digestMismatch, file: entry.name, "SHA-256 \(found); the manifest says \(entry.sha256)")
        }
    }

    /// All bytes of a file.
    ///
    /// Throws: ``BundleError`` when it cannot be read or is longer than `limit`.
    func read(_ name: String, limit: Int) throws(BundleError) -> [UInt8] {
        let file = try mapped(name)
        guard file.count <= limit else {
            throw BundleError(.unreadable, file: name, "\(file.count) bytes; the limit is \(limit)")
        }
        return unsafe file.withUnsafeBytes { unsafe Array($0) }
    }

    func url(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }

    private func mapped(_ name: String) throws(BundleError) -> MappedFile {
        do { return try MappedFile(path: url(name)) } catch {
            throw BundleError(.unreadable, file: name, error.message)
        }
    }

    private func names() throws(BundleError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
                .sorted()
        } catch { throw BundleError(.unreadable, file: path, "\(error.localizedDescription)") }
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.utf8.contains(0)
    }
}

package import Bytes
package import Tensor

/// A checkpoint as `torch.save` has written it since torch 1.6: a ZIP archive of stored entries,
/// `<top>/data.pkl` and one `<top>/data/<key>` per storage (torch/serialization.py).
///
/// The file is memory-mapped, and a storage is touched only when a tensor on it is asked for: optimizer state
/// costs nothing but address space.
package struct PyTorchCheckpoint: Sendable {
    /// What the pickle holds; usually a dict.
    package let document: PickleDocument
    private let file: MappedFile
    private let archive: ZipArchive
    private let storages: [String: ZipEntry]

    private static let pickleName = "/data.pkl"

    /// Maps the file and unpickles its description.
    ///
    /// Throws: ``TorchError`` when it is not such an archive, or its pickle holds what no checkpoint needs.
    package init(path: String) throws(TorchError) {
        do { file = try MappedFile(path: path) } catch { throw .file(reason: error.message) }
        try Self.checkSignature(file)
        do { archive = try ZipArchive(source: file) } catch { throw .archive(reason: "\(error)") }
        let pickles = archive.entries.filter { $0.name.hasSuffix(Self.pickleName) }
        guard let pickle = pickles.first else { throw .noPickle }
        guard pickles.count == 1 else { throw .severalPickles(names: pickles.map(\.name)) }
        let top = pickle.name.dropLast(Self.pickleName.count)
        if let order = archive["\(top)/byteorder"] {
            let found = String(decoding: try Self.content(of: order, in: archive, limit: 64), as: UTF8.self)
            guard found == "little" else { throw .byteOrder(found: found) }
        }
        let prefix = "\(top)/data/"
        storages = Dictionary(
            uniqueKeysWithValues: archive.entries.filter { $0.name.hasPrefix(prefix) }
                .map { (String($0.name.dropFirst(prefix.count)), $0) })
        let bytes = try Self.content(of: pickle, in: archive, limit: PickleMachine.Limits().bytes)
        do { document = try PickleMachine.run(bytes) } catch { throw .pickle(error) }
    }

    /// A tensor's values as float32, row-major: a view of the file where it holds just that.
    ///
    /// The storage's checksum is verified first.
    ///
    /// Throws: ``TorchError``.
    package func values(of tensor: TorchTensor, named name: String) throws(TorchError) -> WeightView {
        guard let entry = storages[tensor.storage.key] else {
            throw .storageMissing(key: tensor.storage.key)
        }
        guard entry.method == 0 else { throw .archive(reason: "storage \(tensor.storage.key) is compressed") }
        _ = try Self.content(of: entry, in: archive, limit: file.count)
        let range: Range<Int>
        do { range = try archive.dataRange(of: entry) } catch { throw .archive(reason: "\(error)") }
        return try unsafe file.withUnsafeBytes { (bytes) throws(TorchError) in
            try unsafe tensor.values(
                named: name, in: UnsafeRawBufferPointer(rebasing: bytes[range]), owner: file)
        }
    }

    /// SHA-256 of the whole file.
    package func digest() -> Digest { file.digest() }

    /// Tells apart what people have at hand: a ZIP archive, an old torch file, something else.
    private static func checkSignature(_ file: MappedFile) throws(TorchError) {
        let first: [UInt8]
        do { first = Array(try file.bytes(in: 0..<min(16, file.count))) } catch {
            throw .file(reason: "\(error)")
        }
        if first.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return }
        // torch/serialization.py, `_legacy_save`: the pickled integer 0x1950A86A20F9469CFC6C, protocol 2.
        let legacy: [UInt8] = [
            0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
        ]
        if first.starts(with: legacy) { throw .legacyFormat }
        throw .notTorch(firstBytes: Array(first.prefix(8)))
    }

    private static func content(
        of entry: ZipEntry, in archive: ZipArchive, limit: Int
    ) throws(TorchError) -> [UInt8] {
        do { return try archive.data(of: entry, limit: limit) } catch { throw .archive(reason: "\(error)") }
    }
}

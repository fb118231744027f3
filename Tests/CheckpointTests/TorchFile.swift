import Bytes

/// Builds checkpoint files in torch's container: a ZIP archive of stored entries.
struct TorchFile {
    /// A tensor with a storage of its own.
    struct Entry {
        var name: String
        var shape: [Int]
        var type = "FloatStorage"
        var data: [UInt8]

        init(_ name: String, _ shape: [Int], _ values: [Float]) {
            self.name = name
            self.shape = shape
            data = float32Bytes(values)
        }

        init(_ name: String, _ shape: [Int], type: String, data: [UInt8]) {
            self.name = name
            self.shape = shape
            self.type = type
            self.data = data
        }
    }

    var entries: [Entry] = []
    /// Pickled values beside `model` at the top.
    var others: [(String, [UInt8])] = []

    static func contiguous(_ shape: [Int]) -> [Int] {
        shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
    }

    /// The whole file.
    var bytes: [UInt8] {
        var model: [(String, [UInt8])] = []
        var files: [(String, [UInt8])] = []
        for (index, entry) in entries.enumerated() {
            let count = entry.shape.reduce(1, *)
            model.append(
                (
                    entry.name,
                    Pickle.tensor(
                        Pickle.storage("\(index)", entry.type, count: count), shape: entry.shape,
                        strides: Self.contiguous(entry.shape))
                ))
            files.append(("archive/data/\(index)", entry.data))
        }
        let pickle = Pickle.program(Pickle.dictionary([("model", Pickle.dictionary(model))] + others))
        return Self.zip([("archive/data.pkl", pickle)] + files)
    }

    /// One pickle and raw storages.
    static func archive(_ pickle: [UInt8], storages: [(String, [UInt8])] = []) -> [UInt8] {
        zip([("archive/data.pkl", pickle)] + storages.map { ("archive/data/\($0.0)", $0.1) })
    }

    /// Stored entries only (PKWARE APPNOTE.TXT 4.3).
    static func zip(_ files: [(name: String, data: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            let name = Array(file.name.utf8)
            let offset = body.count
            let size = littleEndian(UInt32(file.data.count))
            let common =
                littleEndian(UInt16(0)) + littleEndian(UInt16(0)) + littleEndian(UInt32(0))
                + littleEndian(Inflate.crc32(of: file.data[...])) + size + size
                + littleEndian(UInt16(name.count))
            // torch pads so that data begins at a multiple of 64; the directory does not repeat the padding.
            let padding = 64 - (offset + 30 + name.count + 4) % 64
            let extra =
                Array("FB".utf8) + littleEndian(UInt16(padding)) + [UInt8](repeating: 0x5A, count: padding)
            body += [0x50, 0x4B, 3, 4] + littleEndian(UInt16(20)) + common
            body += littleEndian(UInt16(extra.count)) + name + extra + file.data
            directory += [0x50, 0x4B, 1, 2] + littleEndian(UInt16(20)) + littleEndian(UInt16(20)) + common
            directory += [UInt8](repeating: 0, count: 12) + littleEndian(UInt32(offset)) + name
        }
        let end =
            [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + littleEndian(UInt16(files.count))
            + littleEndian(UInt16(files.count)) + littleEndian(UInt32(directory.count))
            + littleEndian(UInt32(body.count)) + [0, 0]
        return body + directory + end
    }
}

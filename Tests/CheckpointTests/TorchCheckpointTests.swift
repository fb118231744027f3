import Checkpoint
import Tensor
import Testing

@Suite struct TorchCheckpointTests {
    /// Opens an archive whose pickle is one tensor on storage 0, and reads it.
    private func read(
        _ type: String = "FloatStorage", storage: [UInt8], count: Int, offset: Int = 0, shape: [Int],
        strides: [Int]
    ) throws -> [Float] {
        let pickle = Pickle.tensor(
            Pickle.storage("0", type, count: count), offset: offset, shape: shape, strides: strides)
        let scratch = try Scratch()
        let path = try scratch.write(
            TorchFile.archive(Pickle.program(pickle), storages: [("0", storage)]))
        let checkpoint = try PyTorchCheckpoint(path: path)
        guard case .tensor(let tensor) = checkpoint.document.root else { return [] }
        let view = try checkpoint.values(of: tensor, named: "t")
        #expect(view.shape == shape)
        return view.array
    }

    private let six = float32Bytes([0, 1, 2, 3, 4, 5])

    @Test func honoursOffsetAndStrides() throws {
        #expect(try read(storage: six, count: 6, shape: [2, 3], strides: [3, 1]) == [0, 1, 2, 3, 4, 5])
        #expect(try read(storage: six, count: 6, shape: [3, 2], strides: [1, 3]) == [0, 3, 1, 4, 2, 5])
        #expect(try read(storage: six, count: 6, offset: 2, shape: [2], strides: [1]) == [2, 3])
        #expect(
            try read(storage: six, count: 6, offset: 1, shape: [2, 2], strides: [4, 0]) == [1, 1, 5, 5])
        #expect(try read(storage: six, count: 6, offset: 5, shape: [], strides: []) == [5])
        #expect(try read(storage: six, count: 6, shape: [2, 0], strides: [1, 1]) == [])
        let huge = Int.max
        #expect(try read(storage: six, count: 6, shape: [1, 2], strides: [huge, 1]) == [0, 1])
        #expect(try read(storage: six, count: 6, shape: [1, 2], strides: [huge, 2]) == [0, 2])
        #expect(try read(storage: six, count: 6, shape: [0, huge, huge], strides: [1, 0, 0]) == [])
    }

    @Test func convertsFloatingPointStorages() throws {
        let half = [Float16(1.5), -0.25, 65_504].flatMap { littleEndian($0.bitPattern) }
        #expect(
            try read("HalfStorage", storage: half, count: 3, shape: [3], strides: [1]) == [
                1.5, -0.25, 65_504,
            ])
        let brain = [Float(1.5), -3, 1e30].flatMap { littleEndian(UInt16($0.bitPattern >> 16)) }
        let expected = [Float(1.5), -3, Float(bitPattern: Float(1e30).bitPattern & 0xFFFF_0000)]
        #expect(try read("BFloat16Storage", storage: brain, count: 3, shape: [3], strides: [1]) == expected)
        let double = [0.1, -1e-3].flatMap { littleEndian($0.bitPattern) }
        #expect(
            try read("DoubleStorage", storage: double, count: 2, shape: [2], strides: [1]) == [0.1, -1e-3])
    }

    @Test(arguments: [
        "LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage",
    ])
    func refusesStoragesThatHoldNoFloats(type: String) throws {
        let elementType = try #require(TorchElementType(rawValue: type))
        #expect(throws: TorchError.elementType(name: "t", found: elementType.name)) {
            try read(
                type, storage: [UInt8](repeating: 0, count: 2 * elementType.byteCount), count: 2, shape: [2],
                strides: [1])
        }
    }

    @Test(arguments: [
        (0, [7], [1]), (6, [1], [1]), (1, [6], [1]), (0, [2, 3], [4, 1]), (0, [4], [2]), (7, [0], [1]),
        (0, [Int.max], [1]), (0, [2, Int.max], [1, 0]), (Int.max, [1], [1]), (Int.max, [2], [1]),
        (1, [2], [Int.max]), (0, [1 << 32, 1 << 32], [0, 0]), (0, [3, 3], [0, 1]),
        (0, [0, Int.max, Int.max], [1, 1, 1]),
    ])
    func refusesWindowsThatLeaveTheStorage(offset: Int, shape: [Int], strides: [Int]) {
        let error = #expect(throws: TorchError.self) {
            try read(storage: six, count: 6, offset: offset, shape: shape, strides: strides)
        }
        guard case .outsideStorage("t", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func refusesStoragesThatAreNotAsDeclared() {
        for count in [5, 7, 0, Int.max] {
            #expect(
                throws: TorchError.storageSize(key: "0", bytes: 24, declared: count, elementType: "float32")
            ) { try read(storage: six, count: count, shape: [1], strides: [1]) }
        }
    }

    @Test func refusesAnAbsentStorage() throws {
        let scratch = try Scratch()
        let pickle = Pickle.tensor(Pickle.storage("../0", count: 1), shape: [1], strides: [1])
        let path = try scratch.write(TorchFile.archive(Pickle.program(pickle), storages: [("0", six)]))
        let checkpoint = try PyTorchCheckpoint(path: path)
        guard case .tensor(let tensor) = checkpoint.document.root else { throw TorchError.noPickle }
        #expect(throws: TorchError.storageMissing(key: "../0")) {
            try checkpoint.values(of: tensor, named: "t")
        }
    }

    @Test func refusesADamagedStorage() throws {
        let scratch = try Scratch()
        let pickle = Pickle.tensor(Pickle.storage("0", count: 6), shape: [6], strides: [1])
        var bytes = TorchFile.archive(Pickle.program(pickle), storages: [("0", six)])
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: six) })
        bytes[place + 5] ^= 1
        let checkpoint = try PyTorchCheckpoint(path: scratch.write(bytes))
        guard case .tensor(let tensor) = checkpoint.document.root else { throw TorchError.noPickle }
        let error = #expect(throws: TorchError.self) { try checkpoint.values(of: tensor, named: "t") }
        #expect(error?.description.contains("checksum") == true)
    }

    @Test func tellsWhatItWasGiven() throws {
        let scratch = try Scratch()
        // The first bytes of any file of `torch.save` before 1.6: a pickled magic number, then the version.
        let legacy: [UInt8] = [
            0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E, 0x80,
            0x02, 0x4D, 0xE9, 0x03, 0x2E,
        ]
        let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]
        let empty = TorchFile.zip([("archive/version", [0x33])])
        let two = TorchFile.zip([("a/data.pkl", [0x2E]), ("b/data.pkl", [0x2E])])
        let big = TorchFile.zip([
            ("archive/data.pkl", Pickle.program(Pickle.none)), ("archive/byteorder", Array("big".utf8)),
        ])
        let cases: [([UInt8], TorchError)] = [
            (legacy, .legacyFormat), (hdf5, .notTorch(firstBytes: hdf5)), ([], .notTorch(firstBytes: [])),
            (empty, .noPickle), (two, .severalPickles(names: ["a/data.pkl", "b/data.pkl"])),
            (big, .byteOrder(found: "big")),
        ]
        for (bytes, error) in cases {
            let path = try scratch.write(bytes)
            #expect(throws: error) { try PyTorchCheckpoint(path: path) }
        }
        #expect(throws: TorchError.self) { try PyTorchCheckpoint(path: scratch.path("absent")) }
        #expect(throws: TorchError.self) { try PyTorchCheckpoint(path: scratch.path("")) }
    }

    @Test func anArchiveThatLiesNeverCrashes() throws {
        let scratch = try Scratch()
        let pickle = Pickle.tensor(Pickle.storage("0", count: 6), shape: [6], strides: [1])
        let bytes = TorchFile.archive(Pickle.program(pickle), storages: [("0", six)])
        for position in bytes.indices {
            for value in [UInt8(0), 0xFF, bytes[position] ^ 1] where value != bytes[position] {
                var damaged = bytes
                damaged[position] = value
                let path = try scratch.write(damaged)
                guard let checkpoint = try? PyTorchCheckpoint(path: path),
                    case .tensor(let tensor) = checkpoint.document.root,
                    let view = try? checkpoint.values(of: tensor, named: "t")
                else { continue }
                // Bytes that nothing depends on: versions, times, padding.
                #expect(view.array == [0, 1, 2, 3, 4, 5], "byte \(position) = \(value)")
            }
        }
    }
}

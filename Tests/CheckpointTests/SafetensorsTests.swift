import Bytes
import Checkpoint
import Foundation
import Tensor
import Testing

@Suite struct SafetensorsTests {
    /// A file with that JSON header (padded as given) and data.
    private func file(_ json: String, _ data: [UInt8], length: UInt64? = nil) -> [UInt8] {
        littleEndian(length ?? UInt64(json.utf8.count)) + Array(json.utf8) + data
    }

    private func open(_ bytes: [UInt8]) throws -> SafetensorsFile {
        let scratch = try Scratch()
        return try SafetensorsFile(path: scratch.write(bytes))
    }

    private func views(_ tensors: [(String, [Int], [Float])]) -> [(name: String, view: WeightView)] {
        tensors.map { name, shape, values in
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
            _ = unsafe buffer.initialize(from: values)
            let owner = unsafe Owner(buffer)
            return (name, unsafe WeightView(shape: shape, values: UnsafeBufferPointer(buffer), owner: owner))
        }
    }

    @safe private final class Owner {
        private let buffer: UnsafeMutableBufferPointer<Float>

        init(_ buffer: UnsafeMutableBufferPointer<Float>) { unsafe self.buffer = unsafe buffer }

        deinit { unsafe buffer.deallocate() }
    }

    private let tensors: [(String, [Int], [Float])] = [
        ("b.weight", [2, 3], [1, 2, 3, -4, .leastNonzeroMagnitude, 6e20]), ("empty", [0, 4], []),
        ("a \"quoted\" \u{E9}\n", [], [7]),
    ]

    @Test func readsBackWhatItWrites() throws {
        let scratch = try Scratch()
        let metadata = ["format": "x/1", "note": "tab\tquote\"back\\slash\u{1}\u{E9}"]
        try SafetensorsWriter.write(views(tensors), metadata: metadata, to: scratch.path("one"))
        try SafetensorsWriter.write(views(tensors.reversed()), metadata: metadata, to: scratch.path("two"))
        #expect(scratch.files.sorted() == ["one", "two"])
        let file = try SafetensorsFile(path: scratch.path("one"))
        #expect(file.metadata == metadata)
        #expect(file.names == Set(tensors.map(\.0)))
        for (name, shape, values) in tensors {
            #expect(file.shape(of: name) == shape)
            #expect(try file.tensor(name, shape: shape).array == values)
        }
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: scratch.path("one"))))
        #expect(bytes == (try [UInt8](Data(contentsOf: URL(filePath: scratch.path("two"))))))
        #expect(file.byteCount == bytes.count)
        #expect(file.digest() == Digest(of: bytes))
        #expect((bytes.count - 28) % SafetensorsWriter.alignment == 0)
    }

    @Test func replacesAFileWhole() throws {
        let scratch = try Scratch()
        let path = try scratch.write([1, 2, 3], "weights")
        try SafetensorsWriter.write(views(tensors), metadata: [:], to: path)
        #expect(try SafetensorsFile(path: path).names.count == 3)
        #expect(scratch.files == ["weights"])
    }

    @Test func aFailedWriteLeavesNothing() throws {
        let scratch = try Scratch()
        let folder = scratch.path("folder")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(throws: SafetensorsError.self) {
            try SafetensorsWriter.write(views(tensors), metadata: [:], to: folder)
        }
        #expect(throws: SafetensorsError.self) {
            try SafetensorsWriter.write(views(tensors), metadata: [:], to: scratch.path("absent/file"))
        }
        for name in ["b.weight", "__metadata__"] {
            #expect(throws: SafetensorsError.duplicateName(name)) {
                try SafetensorsWriter.write(
                    views(tensors + [(name, [1], [1])]), metadata: [:], to: scratch.path("file"))
            }
        }
        #expect(scratch.files == ["folder"])
    }

    @Test func saysWhyATensorDoesNotFit() throws {
        let json =
            #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
            + #""h":{"dtype":"F16","shape":[2],"data_offsets":[8,12]}}"#
        let file = try open(file(json, float32Bytes([1, 2]) + [0, 0, 0, 0]))
        #expect(throws: WeightError.missing(name: "x", expected: [3])) { try file.tensor("x", shape: [3]) }
        #expect(throws: WeightError.shape(name: "w", found: [2], expected: [1, 2])) {
            try file.tensor("w", shape: [1, 2])
        }
        #expect(throws: WeightError.elementType(name: "h", found: "F16")) { try file.tensor("h", shape: [2]) }
        #expect(file.shape(of: "h") == [2])
        #expect(file.shape(of: "x") == nil)
    }

    @Test(arguments: 0..<4) func readsTensorsAtAnyAddress(padding: Int) throws {
        let json =
            #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
            + String(repeating: " ", count: padding)
        #expect(try open(file(json, float32Bytes([1.5, -2]))).tensor("w", shape: [2]).array == [1.5, -2])
    }

    /// Headers for 8 bytes of data, with one defect each.
    static let defects: [(what: String, json: String)] = [
        ("no object", "[]"), ("leading space", #" {"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#),
        ("no JSON", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#),
        (
            "duplicate name",
            #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        ),
        ("entry no object", #"{"w":3}"#), ("no dtype", #"{"w":{"shape":[2],"data_offsets":[0,8]}}"#),
        ("unknown dtype", #"{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#),
        ("dtype no text", #"{"w":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}"#),
        ("no shape", #"{"w":{"dtype":"F32","data_offsets":[0,8]}}"#),
        ("negative shape", #"{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#),
        ("fractional shape", #"{"w":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#),
        ("shape of text", #"{"w":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#),
        ("wrong byte count", #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#),
        ("wrong type size", #"{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}"#),
        (
            "overflowing shape",
            #"{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#
        ),
        ("huge dimension", #"{"w":{"dtype":"F32","shape":[1e300],"data_offsets":[0,8]}}"#),
        (
            "too many dimensions",
            #"{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}"#
        ),
        ("no offsets", #"{"w":{"dtype":"F32","shape":[2]}}"#),
        ("one offset", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#),
        ("three offsets", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}"#),
        ("begin after end", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
        ("end beyond file", #"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#),
        ("hole at the start", #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#),
        (
            "hole in the middle",
            #"{"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        ),
        (
            "overlap",
            #"{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        ),
        ("data after the last", #"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#),
        ("data without tensor", "{}"),
        ("unknown field", #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#),
        (
            "metadata no object",
            #"{"__metadata__":[],"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        ),
        (
            "metadata no text",
            #"{"__metadata__":{"a":1},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        ),
    ]

    @Test(arguments: defects.indices) func refusesADefectiveHeader(index: Int) {
        let defect = Self.defects[index]
        #expect(throws: SafetensorsError.self, "\(defect.what)") {
            try open(file(defect.json, [UInt8](repeating: 0, count: 8)))
        }
    }

    @Test func namesTheDefect() {
        let data = [UInt8](repeating: 0, count: 8)
        #expect(throws: SafetensorsError.byteCount(name: "w", found: 8, expected: 12)) {
            try open(file(#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, data))
        }
        #expect(throws: SafetensorsError.offsets(name: "w", found: 4, expected: 0)) {
            try open(file(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, data))
        }
        #expect(throws: SafetensorsError.dataLength(found: 8, expected: 4)) {
            try open(file(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data))
        }
        #expect(throws: SafetensorsError.elementType(name: "w", found: "F31")) {
            try open(file(#"{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, data))
        }
    }

    @Test(arguments: [UInt64(0), 3, 1_000, 16 << 20 | 1, .max, 1 << 63 - 1])
    func refusesAnImpossibleHeaderLength(length: UInt64) {
        let json = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        #expect(throws: SafetensorsError.self) {
            try open(file(json, [UInt8](repeating: 0, count: 8), length: length))
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let scratch = try Scratch()
        try SafetensorsWriter.write(views(tensors), metadata: ["a": "b"], to: scratch.path("whole"))
        let bytes = try [UInt8](Data(contentsOf: URL(filePath: scratch.path("whole"))))
        for count in 0..<bytes.count {
            let path = try scratch.write(Array(bytes.prefix(count)))
            #expect(throws: SafetensorsError.self, "\(count) bytes") { try SafetensorsFile(path: path) }
        }
        #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: scratch.path("absent")) }
    }
}

/// Writes pickles of protocol 2, opcode by opcode, well-formed and otherwise.
enum Pickle {
    static let none: [UInt8] = [0x4E]
    static let yes: [UInt8] = [0x88]
    static let no: [UInt8] = [0x89]
    static let mark: [UInt8] = [0x28]
    static let emptyDictionary: [UInt8] = [0x7D]
    static let emptyList: [UInt8] = [0x5D]
    static let emptyTuple: [UInt8] = [0x29]
    static let reduce: [UInt8] = [0x52]
    static let build: [UInt8] = [0x62]
    static let persistent: [UInt8] = [0x51]
    static let appends: [UInt8] = [0x65]
    static let setItem: [UInt8] = [0x73]

    static func program(_ body: [UInt8]...) -> [UInt8] { [0x80, 2] + body.flatMap { $0 } + [0x2E] }

    static func text(_ text: String) -> [UInt8] {
        [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    /// BININT where it fits, LONG1 beyond.
    static func int(_ value: Int) -> [UInt8] {
        if let short = Int32(exactly: value) { return [0x4A] + littleEndian(UInt32(bitPattern: short)) }
        return [0x8A, 8] + littleEndian(UInt64(bitPattern: Int64(value)))
    }

    static func float(_ value: Double) -> [UInt8] { [0x47] + littleEndian(value.bitPattern).reversed() }

    static func tuple(_ elements: [[UInt8]]) -> [UInt8] { mark + elements.flatMap { $0 } + [0x74] }

    static func tuple(_ elements: [UInt8]...) -> [UInt8] { tuple(elements) }

    static func list(_ elements: [UInt8]...) -> [UInt8] {
        emptyList + mark + elements.flatMap { $0 } + appends
    }

    static func dictionary(_ entries: [(String, [UInt8])]) -> [UInt8] {
        emptyDictionary + mark + entries.flatMap { text($0.0) + $0.1 } + [0x75]
    }

    static func global(_ module: String, _ name: String) -> [UInt8] {
        [0x63] + Array("\(module)\n\(name)\n".utf8)
    }

    static func put(_ index: UInt8) -> [UInt8] { [0x71, index] }
    static func get(_ index: UInt8) -> [UInt8] { [0x68, index] }

    static func storage(_ key: String, _ type: String = "FloatStorage", count: Int) -> [UInt8] {
        tuple(text("storage"), global("torch", type), text(key), text("cuda:0"), int(count)) + persistent
    }

    static func tensor(_ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int]) -> [UInt8] {
        global("torch._utils", "_rebuild_tensor_v2")
            + tuple(
                storage, int(offset), tuple(shape.map(int)), tuple(strides.map(int)), no,
                global("collections", "OrderedDict") + emptyTuple + reduce) + reduce
    }
}

private import Bytes

/// A stack machine for the pickles that `torch.save` writes, which executes nothing.
///
/// Protocol 2 and only the opcodes that tensors, settings and metrics need (Lib/pickletools.py of CPython names
/// them); globals only from ``PickleGlobal``. A call builds an inert value. Time and memory are linear in the
/// pickle's size, and every kind of object is counted against ``Limits``.
package struct PickleMachine {
    /// Most objects of each kind; the largest published checkpoint needs about 20,000.
    package struct Limits: Sendable {
        package var bytes = 64 << 20
        package var stack = 1 << 20
        package var memo = 1 << 20
        package var containers = 1 << 20
        /// In all lists, tuples and dicts together.
        package var elements = 1 << 22

        package init() {}
    }

    /// Torch itself allows 64 dimensions; no weight has more than 4.
    package static let maximumDimensions = 16
    private static let maximumGlobalBytes = 200

    private let limits: Limits
    private var reader: ByteReader
    /// Where the current opcode is.
    private(set) var offset = 0
    var document = PickleDocument()
    private var stack: [PickleValue] = []
    /// Stack heights below which a mark forbids to pop.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private var elementCount = 0

    /// Unpickles a whole `data.pkl`.
    ///
    /// Throws: ``PickleError`` for anything but a well-formed pickle of admitted parts.
    package static func run(
        _ bytes: [UInt8], limits: Limits = Limits()
    ) throws(PickleError) -> PickleDocument {
        guard bytes.count <= limits.bytes else { throw .tooLarge(bytes: bytes.count, limit: limits.bytes) }
        var machine = PickleMachine(limits: limits, reader: ByteReader(bytes))
        try machine.readHeader()
        while try machine.step() {}
        return machine.document
    }

    private init(limits: Limits, reader: ByteReader) {
        self.limits = limits
        self.reader = reader
    }

    private mutating func readHeader() throws(PickleError) {
        let code: UInt8 = try integer(for: "opcode")
        guard code == Opcode.proto.rawValue else { throw .opcode(code, offset: 0) }
        let version: UInt8 = try integer(for: "protocol")
        guard version == 2 else { throw .protocolVersion(found: Int(version), expected: 2) }
    }

    /// Executes one opcode; false after STOP.
    private mutating func step() throws(PickleError) -> Bool {
        offset = reader.offset
        let code: UInt8 = try integer(for: "opcode")
        guard let opcode = Opcode(rawValue: code), opcode != .proto else {
            throw .opcode(code, offset: offset)
        }
        switch opcode {
        case .proto: throw .opcode(code, offset: offset)
        case .stop:
            try finish()
            return false
        case .none, .newTrue, .newFalse, .binInt, .binInt1, .binInt2, .long1, .binFloat, .binUnicode, .global:
            try push(literal(opcode))
        case .emptyTuple, .tuple1, .tuple2, .tuple3, .tuple, .emptyList, .emptyDictionary:
            try push(container(opcode))
        case .mark:
            guard marks.count < limits.stack else { throw exceeded("marks", limits.stack) }
            marks.append(stack.count)
        case .append, .appends, .setItem, .setItems: try fill(opcode)
        case .binPut, .longBinPut, .binGet, .longBinGet: try remember(opcode)
        case .binPersistentID: try push(persistent(pop()))
        case .reduce:
            let arguments = try pop()
            try push(call(pop(), with: arguments))
        case .build:
            _ = try pop()
            try build(on: top())
        }
        return true
    }

    private mutating func finish() throws(PickleError) {
        document.root = try pop()
        guard stack.isEmpty, marks.isEmpty else {
            throw refused("STOP", "\(stack.count) values left on the stack", "none")
        }
        guard reader.remaining == 0 else {
            throw .trailing(offset: reader.offset, bytes: reader.remaining)
        }
    }
}

// MARK: Values from bytes

extension PickleMachine {
    private mutating func literal(_ opcode: Opcode) throws(PickleError) -> PickleValue {
        switch opcode {
        case .newTrue: return .bool(true)
        case .newFalse: return .bool(false)
        case .binInt:
            let value: UInt32 = try integer(for: "integer")
            return .int(Int(Int32(bitPattern: value)))
        case .binInt1:
            let value: UInt8 = try integer(for: "integer")
            return .int(Int(value))
        case .binInt2:
            let value: UInt16 = try integer(for: "integer")
            return .int(Int(value))
        case .long1: return try long()
        case .binFloat:
            let bits: UInt64
            do { bits = try reader.bigEndian(for: "float") } catch { throw PickleError(error) }
            return .float(Double(bitPattern: bits))
        case .binUnicode:
            let count: UInt32 = try integer(for: "text length")
            return .string(try text(take(Int(count), for: "text")))
        case .global:
            let module = try line()
            let name = try line()
            guard let global = PickleGlobal(module: module, name: name) else {
                throw .forbiddenGlobal("\(module).\(name)", offset: offset)
            }
            return .global(global)
        default: return .none
        }
    }

    /// LONG1: a little-endian two's complement integer of up to 255 bytes; beyond 64 bits nothing needs it.
    private mutating func long() throws(PickleError) -> PickleValue {
        let count: UInt8 = try integer(for: "integer length")
        let bytes = try take(Int(count), for: "integer")
        guard bytes.count <= 8 else { return .opaque("integer of \(bytes.count) bytes") }
        var value = (bytes.last ?? 0) & 0x80 == 0 ? 0 : -1
        for byte in bytes.reversed() { value = value << 8 | Int(byte) }
        return .int(value)
    }

    /// A line of GLOBAL: printable ASCII up to a line feed.
    private mutating func line() throws(PickleError) -> String {
        var bytes: [UInt8] = []
        while true {
            let byte: UInt8 = try integer(for: "global")
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            guard (33...126).contains(byte), bytes.count < Self.maximumGlobalBytes else {
                throw refused("GLOBAL", "byte \(byte) after \(bytes.count)", "a short printable name")
            }
            bytes.append(byte)
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(PickleError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .text(offset: offset) }
        return text
    }

    private mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
        for field: StaticString
    ) throws(PickleError) -> Value {
        do { return try reader.littleEndian(for: field) } catch { throw PickleError(error) }
    }

    private mutating func take(_ count: Int, for field: StaticString) throws(PickleError) -> ArraySlice<UInt8>
    {
        do { return try reader.take(count, for: field) } catch { throw PickleError(error) }
    }
}

// MARK: Stack, memo and containers

extension PickleMachine {
    private mutating func push(_ value: PickleValue) throws(PickleError) {
        guard stack.count < limits.stack else { throw exceeded("stack entries", limits.stack) }
        stack.append(value)
    }

    private func top() throws(PickleError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else {
            throw .stackUnderflow(offset: offset)
        }
        return value
    }

    private mutating func pop() throws(PickleError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    /// Everything above the last mark, which goes too.
    private mutating func popToMark() throws(PickleError) -> [PickleValue] {
        guard let height = marks.popLast() else { throw .noMark(offset: offset) }
        let values = Array(stack[height...])
        stack.removeSubrange(height...)
        return values
    }

    private mutating func container(_ opcode: Opcode) throws(PickleError) -> PickleValue {
        guard document.sequences.count + document.dictionaries.count < limits.containers else {
            throw exceeded("containers", limits.containers)
        }
        if opcode == .emptyDictionary {
            document.dictionaries.append(PickleDictionary())
            return .dictionary(document.dictionaries.count - 1)
        }
        var elements: [PickleValue] = []
        switch opcode {
        case .tuple: elements = try popToMark()
        case .tuple1: elements = [try pop()]
        case .tuple2: elements = [try pop(), try pop()].reversed()
        case .tuple3: elements = [try pop(), try pop(), try pop()].reversed()
        default: break
        }
        try count(elements)
        document.sequences.append(elements)
        let index = document.sequences.count - 1
        return opcode == .emptyList ? .list(index) : .tuple(index)
    }

    private mutating func fill(_ opcode: Opcode) throws(PickleError) {
        let added: [PickleValue]
        switch opcode {
        case .append: added = [try pop()]
        case .setItem: added = [try pop(), try pop()].reversed()
        default: added = try popToMark()
        }
        try count(added)
        if opcode == .append || opcode == .appends {
            guard case .list(let index) = try top() else { throw refused("APPENDS", try top().kind, "list") }
            document.sequences[index] += added
        } else {
            guard case .dictionary(let index) = try top() else {
                throw refused("SETITEMS", try top().kind, "dict")
            }
            try insert(added, into: index)
        }
    }

    private mutating func count(_ added: [PickleValue]) throws(PickleError) {
        elementCount += added.count
        guard elementCount <= limits.elements else { throw exceeded("elements", limits.elements) }
    }

    private mutating func insert(_ pairs: [PickleValue], into index: Int) throws(PickleError) {
        guard pairs.count.isMultiple(of: 2) else {
            throw refused("SETITEMS", "\(pairs.count) values", "keys and values in pairs")
        }
        for position in stride(from: 0, to: pairs.count, by: 2) {
            let key = try self.key(pairs[position])
            guard document.dictionaries[index].insert(pairs[position + 1], for: key) else {
                throw .duplicateKey(pairs[position].kind, offset: offset)
            }
        }
    }

    private func key(_ value: PickleValue) throws(PickleError) -> PickleKey {
        switch value {
        case .string(let text): .string(text)
        case .int(let number): .int(number)
        case .bool(let flag): .bool(flag)
        case .none: .none
        default: throw refused("SETITEMS", "the key \(value.kind)", "text or an integer")
        }
    }

    private mutating func remember(_ opcode: Opcode) throws(PickleError) {
        let index: Int
        switch opcode {
        case .binPut, .binGet:
            let short: UInt8 = try integer(for: "memo index")
            index = Int(short)
        default:
            let long: UInt32 = try integer(for: "memo index")
            index = Int(long)
        }
        if opcode == .binPut || opcode == .longBinPut {
            guard index < limits.memo else { throw exceeded("memo entries", limits.memo) }
            memo[index] = try top()
        } else {
            guard let value = memo[index] else { throw .memo(index: index, offset: offset) }
            try push(value)
        }
    }

    private func exceeded(_ what: String, _ limit: Int) -> PickleError {
        .limit(what: what, limit: limit, offset: offset)
    }

    func refused(_ opcode: String, _ found: String, _ expected: String) -> PickleError {
        .operand(of: opcode, found: found, expected: expected, offset: offset)
    }

    /// A new, empty dictionary, for a call of `OrderedDict`.
    mutating func emptyDictionary() throws(PickleError) -> PickleValue { try container(.emptyDictionary) }
}

extension PickleError {
    fileprivate init(_ error: ByteError) {
        switch error {
        case .truncated(let field, let offset, let needed, let available):
            self = .truncated(field: field, offset: offset, needed: needed, available: available)
        }
    }
}

private import Bytes
import ECG

/// Reads elements of level 5, within limits on number, depth and size.
struct MATLABParser {
    let order: BinaryView.ByteOrder
    private var elementCount = 0
    /// What compressed elements may still inflate to: ten minutes of twelve leads in 16 bits.
    private var inflatable = 16 << 20

    static let maximumElements = 10_000
    private static let maximumDepth = 8
    private static let matrix = 14
    private static let compressed = 15

    init(order: BinaryView.ByteOrder) { self.order = order }

    private struct Element {
        let type: Int
        let data: BinaryView
        /// Where the next one begins.
        let end: Int
    }

    /// Throws: ``FormatError``.
    mutating func variables(_ view: BinaryView) throws(FormatError) -> [MATLABVariable] {
        var found: [MATLABVariable] = []
        var offset = 0
        while offset < view.count {
            let element = try element(view, at: offset)
            switch element.type {
            case Self.matrix: found.append(try variable(element.data, depth: 0))
            case Self.compressed:
                let content = try inflate(element.data)
                let inner = try self.element(
                    BinaryView(content[...], format: "MATLAB, inflated"), at: 0)
                if inner.type == Self.matrix { found.append(try variable(inner.data, depth: 0)) }
            default: break
            }
            offset = element.end
        }
        return found
    }

    private mutating func element(_ view: BinaryView, at offset: Int) throws(FormatError) -> Element {
        elementCount += 1
        guard elementCount <= Self.maximumElements else {
            throw view.refusal(.limitExceeded, at: offset, "more than \(Self.maximumElements) elements")
        }
        let word = Int(try view.integer(at: offset, as: UInt32.self, order, for: "an element's tag"))
        if word >> 16 != 0 {
            guard word >> 16 <= 4 else {
                throw view.malformed(at: offset, "a small element of \(word >> 16) bytes")
            }
            let data = try view.window(at: offset + 4, count: word >> 16, for: "a small element")
            return Element(type: word & 0xFFFF, data: data, end: offset + 8)
        }
        let size = Int(try view.integer(at: offset + 4, as: UInt32.self, order, for: "an element's tag"))
        let data = try view.window(at: offset + 8, count: size, for: "an element of type \(word)")
        let padding = word == Self.compressed ? 0 : (8 - size % 8) % 8
        return Element(type: word, data: data, end: offset + 8 + size + padding)
    }

    private mutating func inflate(_ view: BinaryView) throws(FormatError) -> [UInt8] {
        do {
            let content = try Inflate.inflate(view.bytes, as: .zlib, limits: .init(bytes: inflatable))
            inflatable -= content.count
            return content
        } catch { throw FormatError(error, at: view.origin, format: view.format) }
    }

    /// A matrix: flags, dimensions, name, and what its class has.
    private mutating func variable(
        _ view: BinaryView, depth: Int
    ) throws(FormatError) -> MATLABVariable {
        guard depth <= Self.maximumDepth else {
            throw view.refusal(
                .limitExceeded, at: 0, "structures nested more than \(Self.maximumDepth) deep")
        }
        // An empty cell or field.
        guard view.count > 0 else { return MATLABVariable(name: "", value: .other) }
        let flags = try element(view, at: 0)
        let kind = Int(try flags.data.integer(at: 0, as: UInt32.self, order, for: "flags") & 0xFF)
        let extents = try element(view, at: flags.end)
        guard (8...32).contains(extents.data.count) else {
            throw extents.data.malformed(at: 0, "\(extents.data.count / 4) dimensions, expected 2 to 8")
        }
        let dimensions = try (0..<extents.data.count / 4).map { index throws(FormatError) in
            Int(try extents.data.integer(at: 4 * index, as: Int32.self, order, for: "dimensions"))
        }
        let title = try element(view, at: extents.end)
        let value = try contents(view, from: title.end, kind: kind, dimensions, depth: depth)
        return MATLABVariable(name: BinaryView.latin1(title.data.bytes), value: value)
    }

    /// What follows the name of a matrix of a class: 1 cells, 2 structure, 4 characters, 6 to 15 numbers.
    private mutating func contents(
        _ view: BinaryView, from offset: Int, kind: Int, _ dimensions: [Int], depth: Int
    ) throws(FormatError) -> MATLABValue {
        switch kind {
        case 1:
            let cells = try children(view, from: offset, names: [""], depth: depth)
            return .cells(cells.map(\.value))
        case 2:
            let (names, start) = try fieldNames(view, from: offset)
            return .structure(try children(view, from: start, names: names, depth: depth))
        case 4:
            let matrix = try matrix(element(view, at: offset), dimensions)
            return .text(try matrix?.characterRows() ?? [])
        case 6...15: return try matrix(element(view, at: offset), dimensions).map { .numbers($0) } ?? .other
        default: return .other
        }
    }

    /// Names of a structure's fields: bytes of each, then all of them.
    private mutating func fieldNames(
        _ view: BinaryView, from offset: Int
    ) throws(FormatError) -> (names: [String], end: Int) {
        let width = try element(view, at: offset)
        let size = Int(try width.data.integer(at: 0, as: Int32.self, order, for: "bytes of a field's name"))
        let all = try element(view, at: width.end)
        guard (1...1_024).contains(size) else { throw width.data.malformed(at: 0, "names of \(size) bytes") }
        guard all.data.count / size <= Self.maximumElements else {
            throw all.data.refusal(.limitExceeded, at: 0, "\(all.data.count / size) fields")
        }
        var names: [String] = []
        for start in stride(from: 0, to: all.data.count - size + 1, by: size) {
            names.append(try all.data.text(at: start, count: size, for: "a field's name"))
        }
        return (names, all.end)
    }

    /// The matrices that cells or fields hold, element after element.
    private mutating func children(
        _ view: BinaryView, from offset: Int, names: [String], depth: Int
    ) throws(FormatError) -> [MATLABVariable] {
        var found: [MATLABVariable] = []
        var offset = offset
        while offset < view.count, !names.isEmpty {
            let element = try element(view, at: offset)
            guard element.type == Self.matrix else {
                throw view.malformed(at: offset, "an element of type \(element.type) in a structure")
            }
            let value = try variable(element.data, depth: depth + 1).value
            found.append(MATLABVariable(name: names[found.count % names.count], value: value))
            offset = element.end
        }
        return found
    }

    /// Numbers may be stored in a smaller type than their class; nil for a type that holds none.
    private func matrix(_ element: Element, _ dimensions: [Int]) throws(FormatError) -> MATLABMatrix? {
        let storage: MATLABMatrix.Storage
        switch element.type {
        case 1: storage = .integer(width: 1, isSigned: true)
        case 2, 16: storage = .integer(width: 1, isSigned: false)
        case 3: storage = .integer(width: 2, isSigned: true)
        case 4, 17: storage = .integer(width: 2, isSigned: false)
        case 5: storage = .integer(width: 4, isSigned: true)
        case 6, 18: storage = .integer(width: 4, isSigned: false)
        case 7: storage = .single
        case 9: storage = .double
        case 12: storage = .integer(width: 8, isSigned: true)
        case 13: storage = .integer(width: 8, isSigned: false)
        default: return nil
        }
        return try MATLABMatrix(
            dimensions: dimensions, storage: storage, order: order, data: element.data)
    }
}

extension MATLABMatrix {
    private static let maximumCharacters = 65_536

    /// Rows of a matrix of characters.
    ///
    /// Throws: ``FormatError`` `limit-exceeded` for text that is no label.
    func characterRows() throws(FormatError) -> [String] {
        guard count <= Self.maximumCharacters else {
            throw data.refusal(.limitExceeded, at: 0, "\(count) characters")
        }
        let rows = dimensions.first ?? 0
        // Without columns there may be any number of rows.
        guard count > 0 else { return [] }
        return (0..<rows).map { row in
            var text = ""
            for index in stride(from: row, to: count, by: rows) {
                let code = value(at: index)
                let scalar = code >= 0 && code <= 0x10_FFFF ? Unicode.Scalar(UInt32(code)) : nil
                text.unicodeScalars.append(scalar ?? "?")
            }
            return text.trimmed
        }
    }
}

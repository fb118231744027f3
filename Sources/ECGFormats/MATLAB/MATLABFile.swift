private import Bytes
import ECG

/// The variables of a MATLAB file of level 4 or 5.
///
///     level 4  of each variable: MOPT i32 (M byte order, O 0, P storage, T kind), rows i32, columns i32, imaginary i32,
///              bytes of the name i32; name, NUL; real part, imaginary part
///     level 5  text 116, subsystem 8, version u16 (0x0100), "IM" little or "MI" big endian; elements
///     element  type u32, bytes u32, data, padding to 8; up to 4 bytes: type u16, bytes u16, data 4
///              14: matrix of elements flags, dimensions, name, contents; 15: zlib of one element
///
/// Source: MathWorks, MAT-File Format (R2019b), chapters 1 and 2.
struct MATLABFile {
    let variables: [MATLABVariable]

    private static let headerBytes = 128

    enum Level {
        case four(BinaryView.ByteOrder)
        case five(BinaryView.ByteOrder)
        /// HDF5.
        case seven
    }

    /// What the first bytes say; nil when this is no MATLAB file.
    static func level(of bytes: [UInt8]) -> Level? {
        if bytes.starts(with: "MATLAB 7.3".utf8) { return .seven }
        if bytes.count >= headerBytes {
            let mark = bytes[126..<128]
            if mark.elementsEqual("IM".utf8), bytes[125] == 1 { return .five(.little) }
            if mark.elementsEqual("MI".utf8), bytes[124] == 1 { return .five(.big) }
        }
        if bytes.starts(with: "MATLAB 5.0".utf8) { return .five(.little) }
        return [.little, .big].first { isLevel4(bytes, $0) }.map { .four($0) }
    }

    /// Whether a plausible header of a first variable is here, whatever its extents.
    private static func isLevel4(_ bytes: [UInt8], _ order: BinaryView.ByteOrder) -> Bool {
        let view = BinaryView(bytes[...], format: "MATLAB")
        guard let head = try? MATLABHeader4(view, at: 0, order), (2...64).contains(head.nameBytes),
            let name = try? view.run(at: 20, count: head.nameBytes, for: "a name"), name.last == 0
        else { return false }
        let isLetter: (UInt8) -> Bool = { (0x41...0x5A).contains($0 & 0xDF) }
        return name.first.map(isLetter) == true
            && name.dropLast().allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// Throws: ``FormatError``.
    init(_ bytes: [UInt8]) throws(FormatError) {
        let view = BinaryView(bytes[...], format: "MATLAB")
        switch Self.level(of: bytes) {
        case .four(let order): variables = try Self.level4(view, order)
        case .five(let order):
            guard view.count > Self.headerBytes else {
                throw view.truncated(at: 0, needed: Self.headerBytes + 8, for: "the header")
            }
            var parser = MATLABParser(order: order)
            variables = try parser.variables(
                view.window(at: Self.headerBytes, count: view.count - Self.headerBytes, for: "variables"))
        case .seven:
            throw view.refusal(
                .unsupportedEncoding, at: 0, "version 7.3 is HDF5 and not read: save with '-v7' or '-v6'")
        case nil: throw view.malformed(at: 0, "neither the header of level 5 nor a variable of level 4")
        }
    }

    private static func level4(
        _ view: BinaryView, _ order: BinaryView.ByteOrder
    ) throws(FormatError) -> [MATLABVariable] {
        var variables: [MATLABVariable] = []
        var offset = 0
        while offset < view.count {
            guard variables.count < MATLABParser.maximumElements else {
                throw view.refusal(.limitExceeded, at: offset, "too many variables")
            }
            let head = try MATLABHeader4(view, at: offset, order)
            let name = try view.text(at: offset + 20, count: head.nameBytes, for: "a name")
            let start = offset + 20 + head.nameBytes
            let size = try head.dataBytes(view, at: offset)
            let matrix = try MATLABMatrix(
                dimensions: [head.rows, head.columns], storage: head.storage, order: order,
                data: view.window(at: start, count: size, for: "the matrix '\(token(name))'"))
            let value: MATLABValue = head.isText ? .text(try matrix.characterRows()) : .numbers(matrix)
            variables.append(MATLABVariable(name: name, value: value))
            offset = start + size * (head.isComplex ? 2 : 1)
        }
        return variables
    }
}

/// The header of a variable of level 4.
private struct MATLABHeader4 {
    let storage: MATLABMatrix.Storage
    let isText: Bool
    let isComplex: Bool
    let rows: Int
    let columns: Int
    let nameBytes: Int

    /// Throws: ``FormatError`` `malformed` when a field has a value that none can have.
    init(_ view: BinaryView, at offset: Int, _ order: BinaryView.ByteOrder) throws(FormatError) {
        let fields = try (0..<5).map { index throws(FormatError) in
            Int(try view.integer(at: offset + 4 * index, as: Int32.self, order, for: "a variable's header"))
        }
        let type = fields[0]
        let (machine, kind) = (type / 1_000, type % 10)
        let storages: [MATLABMatrix.Storage] = [
            .double, .single, .integer(width: 4, isSigned: true), .integer(width: 2, isSigned: true),
            .integer(width: 2, isSigned: false), .integer(width: 1, isSigned: false),
        ]
        guard type >= 0, machine == (order == .little ? 0 : 1), type / 100 % 10 == 0,
            storages.indices.contains(type / 10 % 10), kind <= 1, (0...1).contains(fields[3]),
            (1...1_024).contains(fields[4])
        else { throw view.malformed(at: offset, "no header of a variable") }
        storage = storages[type / 10 % 10]
        isText = kind == 1
        isComplex = fields[3] == 1
        (rows, columns, nameBytes) = (fields[1], fields[2], fields[4])
    }

    /// Bytes of the real part.
    func dataBytes(_ view: BinaryView, at offset: Int) throws(FormatError) -> Int {
        guard rows >= 0, columns >= 0 else {
            throw view.malformed(at: offset + 4, "a matrix of \(rows) x \(columns) numbers")
        }
        // Both are below 2^31, so that their product fits, but not eight times that.
        let (size, isTooLarge) = (rows * columns).multipliedReportingOverflow(by: storage.width)
        guard !isTooLarge, size <= view.count else {
            throw view.truncated(
                at: offset + 20, needed: isTooLarge ? .max : size, for: "a matrix of \(rows) x \(columns)")
        }
        return size
    }
}

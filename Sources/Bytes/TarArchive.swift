/// A tar archive in memory: POSIX ustar and pax (IEEE Std 1003.1-2017, pax, "ustar Interchange Format"), with
/// GNU tar's long names.
package struct TarArchive: Sendable {
    /// Files only, in the order of the archive; directories are left out.
    package let entries: [TarEntry]
    private let bytes: [UInt8]

    private static let block = 512

    /// Whether the bytes begin with a header whose checksum is right.
    package static func isTar(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= block, bytes[0] != 0 else { return false }
        return (try? TarHeader(bytes[..<block], offset: 0)) != nil
    }

    /// Reads the headers of an archive.
    ///
    /// Throws: ``TarError``; a link, device or sparse file is unsupported.
    package init(bytes: [UInt8], maximumEntries: Int = 100_000) throws(TarError) {
        self.bytes = bytes
        var entries: [TarEntry] = []
        var offset = 0
        var longName: [UInt8]?
        while let header = try Self.header(in: bytes, at: offset) {
            let start = offset + Self.block
            guard header.size <= bytes.count - start else {
                throw .truncated(offset: start, needed: header.size, available: bytes.count - start)
            }
            let data = start..<start + header.size
            switch header.type {
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
                guard entries.count < maximumEntries else { throw .limit(entries: maximumEntries) }
                entries.append(TarEntry(name: longName ?? header.name, range: data))
                longName = nil
            case UInt8(ascii: "5"): longName = nil
            case UInt8(ascii: "x"): longName = try PaxRecords.path(bytes[data], offset: start) ?? longName
            case UInt8(ascii: "g"): _ = try PaxRecords.path(bytes[data], offset: start)
            case UInt8(ascii: "L"): longName = Array(bytes[data].prefix { $0 != 0 })
            default: throw .unsupported(type: header.type, offset: offset)
            }
            // At most block - 1 beyond the end, which the next header's bounds check sees.
            offset = data.upperBound + (Self.block - header.size % Self.block) % Self.block
        }
        guard longName == nil else { throw .truncated(offset: offset, needed: Self.block, available: 0) }
        self.entries = entries
    }

    /// The bytes of an entry.
    package func data(of entry: TarEntry) -> [UInt8] { Array(bytes[entry.range]) }

    /// The header at an offset; nil at the end-of-archive mark, a block of zeros.
    private static func header(in bytes: [UInt8], at offset: Int) throws(TarError) -> TarHeader? {
        guard offset <= bytes.count - block else {
            throw .truncated(offset: offset, needed: block, available: max(0, bytes.count - offset))
        }
        let header = bytes[offset..<offset + block]
        guard header.contains(where: { $0 != 0 }) else { return nil }
        return try TarHeader(header, offset: offset)
    }
}

/// A file in a tar archive.
package struct TarEntry: Sendable, Equatable {
    /// Never to be used as a path. UTF-8, or byte by byte where the bytes are no UTF-8.
    package let name: String
    /// Of its bytes in the archive.
    package let range: Range<Int>

    init(name: [UInt8], range: Range<Int>) {
        self.name =
            String(validating: name, as: UTF8.self)
            ?? String(String.UnicodeScalarView(name.map { Unicode.Scalar($0) }))
        self.range = range
    }

    package var size: Int { range.count }
}

/// One header block whose checksum has been verified.
private struct TarHeader {
    let name: [UInt8]
    let size: Int
    let type: UInt8

    init(_ block: ArraySlice<UInt8>, offset: Int) throws(TarError) {
        let field = { (range: Range<Int>) in
            block[block.startIndex + range.lowerBound..<block.startIndex + range.upperBound]
        }
        // The checksum field itself counts as eight blanks.
        var sum = 8 * 0x20
        for byte in block { sum += Int(byte) }
        for byte in field(148..<156) { sum -= Int(byte) }
        guard let expected = Self.octal(field(148..<156)), expected == sum else {
            throw .checksum(offset: offset)
        }
        guard let size = Self.octal(field(124..<136)) else { throw .field("size", offset: offset + 124) }
        self.size = size
        type = block[block.startIndex + 156]
        let last = Array(field(0..<100).prefix { $0 != 0 })
        // Only ustar has a prefix field (GNU's magic has a blank there, and times in these bytes).
        let isUstar = field(257..<263).elementsEqual("ustar\0".utf8)
        let prefix = isUstar ? Array(field(345..<500).prefix { $0 != 0 }) : []
        name = prefix.isEmpty ? last : prefix + [UInt8(ascii: "/")] + last
    }

    /// Octal digits, surrounded by blanks or NUL: at most 12, which an `Int` always holds.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
        let rest = field[digits.endIndex...]
        guard !digits.isEmpty, rest.allSatisfy({ $0 == 0x20 || $0 == 0 }) else { return nil }
        return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    }
}

/// The extended header records of pax: "length keyword=value\n".
private enum PaxRecords {
    /// The value of `path`, if there; a `size` is refused, as it would overrule the header's.
    static func path(_ records: ArraySlice<UInt8>, offset: Int) throws(TarError) -> [UInt8]? {
        var rest = records
        var path: [UInt8]?
        while !rest.isEmpty {
            let place = offset + rest.startIndex - records.startIndex
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...8).contains(digits.count) else { throw .field("pax record", offset: place) }
            let length = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard length > digits.count + 2, length <= rest.count else {
                throw .field("pax record", offset: place)
            }
            let record = rest.prefix(length)
            let text = record.dropFirst(digits.count + 1).dropLast()
            guard record.last == 0x0A, let equals = text.firstIndex(of: UInt8(ascii: "=")) else {
                throw .field("pax record", offset: place)
            }
            let keyword = text[..<equals]
            if keyword.elementsEqual("path".utf8) { path = Array(text[(equals + 1)...]) }
            if keyword.elementsEqual("size".utf8) || keyword.starts(with: "GNU.sparse".utf8) {
                throw .field("pax record", offset: place)
            }
            rest = rest.dropFirst(length)
        }
        return path
    }
}

/// Why a tar archive cannot be read; offsets are into the archive.
package enum TarError: Error, Sendable, Equatable {
    case truncated(offset: Int, needed: Int, available: Int)
    case checksum(offset: Int)
    case field(String, offset: Int)
    /// A link, a device, a sparse file: the type flag.
    case unsupported(type: UInt8, offset: Int)
    case limit(entries: Int)
}

/// One entry of a zip archive, as the central directory describes it (APPNOTE.TXT 4.3.12).
package struct ZipEntry: Sendable, Equatable {
    /// Position in the central directory.
    package let index: Int
    /// Never to be used as a path. UTF-8, or byte by byte where the bytes are no UTF-8.
    package let name: String
    /// 0 stored, 8 deflated.
    package let method: UInt16
    package let compressedSize: Int
    package let size: Int
    package let crc32: UInt32
    package let headerOffset: Int
    let rawName: [UInt8]
    let flags: UInt16

    static let localHeaderSize = 30

    package var isDirectory: Bool { name.hasSuffix("/") }
    var isEncrypted: Bool { flags & 0x2041 != 0 }
}

/// Where the central directory lies: the end record (4.3.16), and the ZIP64 one (4.3.14) where it defers to it.
struct ZipDirectoryEnd {
    /// Of the central directory.
    private(set) var offset: Int
    private(set) var size: Int
    private(set) var entryCount: Int

    private static let recordSize = 22
    private static let locatorSize = 20
    private static let zip64RecordSize = 56

    init(of source: some ByteSource) throws(ZipError) {
        let (position, tail) = try Self.find(in: source)
        do throws(ByteError) {
            var reader = ByteReader(tail)
            _ = try reader.take(4, for: "end record")
            let disk: UInt16 = try reader.littleEndian(for: "disk number")
            let directoryDisk: UInt16 = try reader.littleEndian(for: "directory disk")
            let here: UInt16 = try reader.littleEndian(for: "entries on disk")
            let total: UInt16 = try reader.littleEndian(for: "entries")
            let size: UInt32 = try reader.littleEndian(for: "directory size")
            let offset: UInt32 = try reader.littleEndian(for: "directory offset")
            (self.entryCount, self.size, self.offset) = (Int(total), Int(size), Int(offset))
            isSplit = disk != .max && (disk != 0 || directoryDisk != 0 || here != total)
        } catch { throw ZipError(error) }
        // Some writers (torch) put a ZIP64 record before an end record that has room for every value.
        let narrow = self
        let directoryEnd = try readZip64(source, endRecord: position)
        guard [Int(UInt16.max), entryCount].contains(narrow.entryCount),
            [Int(UInt32.max), size].contains(narrow.size), [Int(UInt32.max), offset].contains(narrow.offset)
        else { throw .inconsistent(field: "ZIP64 end record", offset: directoryEnd) }
        guard !isSplit else { throw .unsupported("an archive over several disks", entry: nil) }
        // Not "equal": writers such as PyTorch's put ZIP64 records there even when nothing defers to them.
        guard offset <= directoryEnd, size <= directoryEnd - offset else {
            throw .inconsistent(field: "central directory", offset: position)
        }
    }

    private var isSplit = false

    /// The last end record whose comment reaches exactly to the end of the archive.
    private static func find(in source: some ByteSource) throws(ZipError) -> (Int, ArraySlice<UInt8>) {
        let searched = min(source.count, recordSize + Int(UInt16.max))
        let base = source.count - searched
        guard let tail = try? source.bytes(in: base..<source.count) else { throw .noDirectory }
        var place = tail.endIndex - recordSize
        while place >= tail.startIndex {
            if tail[place] == 0x50, tail[place...].starts(with: [0x50, 0x4B, 0x05, 0x06]) {
                let comment = Int(tail[place + 20]) | Int(tail[place + 21]) << 8
                if place + recordSize + comment == tail.endIndex {
                    return (base + place - tail.startIndex, tail[place...])
                }
            }
            place -= 1
        }
        throw .noDirectory
    }

    /// Replaces the fields by those of the ZIP64 end record, if there is one; returns where that record begins,
    /// else where the end record does.
    private mutating func readZip64(_ source: some ByteSource, endRecord: Int) throws(ZipError) -> Int {
        let locator = endRecord - Self.locatorSize
        guard locator >= 0 else { return endRecord }
        let start: UInt64
        do throws(ByteError) {
            var reader = ByteReader(try source.bytes(in: locator..<endRecord))
            let signature: UInt32 = try reader.littleEndian(for: "ZIP64 locator")
            // Without a ZIP64 locator the largest values are meant literally.
            guard signature == 0x0706_4B50 else { return endRecord }
            _ = try reader.take(4, for: "ZIP64 disk")
            start = try reader.littleEndian(for: "ZIP64 end record offset")
        } catch { throw ZipError(error) }
        guard let start = Int(exactly: start), start <= locator - Self.zip64RecordSize else {
            throw .truncated(field: "ZIP64 end record", offset: locator)
        }
        try readZip64Record(source, at: start)
        return start
    }

    private mutating func readZip64Record(_ source: some ByteSource, at start: Int) throws(ZipError) {
        let signature: UInt32
        do throws(ByteError) {
            var reader = ByteReader(try source.bytes(in: start..<start + Self.zip64RecordSize))
            signature = try reader.littleEndian(for: "ZIP64 end record")
            _ = try reader.take(12, for: "ZIP64 versions")
            let disk: UInt32 = try reader.littleEndian(for: "ZIP64 disk")
            let directoryDisk: UInt32 = try reader.littleEndian(for: "ZIP64 directory disk")
            let here: UInt64 = try reader.littleEndian(for: "ZIP64 entries on disk")
            let total: UInt64 = try reader.littleEndian(for: "ZIP64 entries")
            let size: UInt64 = try reader.littleEndian(for: "ZIP64 directory size")
            let offset: UInt64 = try reader.littleEndian(for: "ZIP64 directory offset")
            isSplit = disk != 0 || directoryDisk != 0 || here != total
            (entryCount, self.size) = (Int(clamping: total), Int(clamping: size))
            self.offset = Int(clamping: offset)
        } catch { throw ZipError(error) }
        guard signature == 0x0606_4B50 else { throw .signature(field: "ZIP64 end record", offset: start) }
    }
}

extension ZipEntry {
    private static let recordSize = 46

    /// Reads the entries of a central directory.
    static func directory(
        of source: some ByteSource, _ end: ZipDirectoryEnd, maximumEntries: Int
    ) throws(ZipError) -> [ZipEntry] {
        guard end.entryCount <= maximumEntries else {
            throw .limit(field: "entries", found: end.entryCount, allowed: maximumEntries)
        }
        guard end.entryCount <= end.size / recordSize else {
            throw .inconsistent(field: "number of entries", offset: end.offset)
        }
        guard let bytes = try? source.bytes(in: end.offset..<end.offset + end.size) else {
            throw .truncated(field: "central directory", offset: end.offset)
        }
        var reader = ByteReader(bytes)
        var entries: [ZipEntry] = []
        // Names as text, which is how callers look entries up: different bytes can be equal text.
        var names: Set<String> = []
        for index in 0..<end.entryCount {
            let entry = try ZipEntry(&reader, index: index, directory: end.offset)
            guard names.insert(entry.name).inserted else { throw .duplicateName(entry: index) }
            guard entry.headerOffset < end.offset else {
                throw .inconsistent(field: "local header offset", offset: end.offset)
            }
            entries.append(entry)
        }
        guard reader.remaining == 0 else {
            throw .inconsistent(field: "number of entries", offset: end.offset + reader.offset)
        }
        return entries
    }

    private init(_ reader: inout ByteReader, index: Int, directory: Int) throws(ZipError) {
        let start = directory + reader.offset
        let signature: UInt32
        do throws(ByteError) {
            signature = try reader.littleEndian(for: "directory entry")
            _ = try reader.take(4, for: "versions")
            flags = try reader.littleEndian(for: "flags")
            method = try reader.littleEndian(for: "method")
            _ = try reader.take(4, for: "time")
            crc32 = try reader.littleEndian(for: "CRC-32")
            let packed: UInt32 = try reader.littleEndian(for: "compressed size")
            let plain: UInt32 = try reader.littleEndian(for: "size")
            let nameLength: UInt16 = try reader.littleEndian(for: "name length")
            let extraLength: UInt16 = try reader.littleEndian(for: "extra length")
            let commentLength: UInt16 = try reader.littleEndian(for: "comment length")
            _ = try reader.take(8, for: "attributes")
            let header: UInt32 = try reader.littleEndian(for: "local header offset")
            rawName = Array(try reader.take(Int(nameLength), for: "name"))
            let extra = try reader.take(Int(extraLength), for: "extra field")
            _ = try reader.take(Int(commentLength), for: "comment")
            // 4.5.3: only the fields that hold their largest value are in the ZIP64 field, in this order.
            var wide = try Self.zip64Field(extra)
            size = plain == .max ? Int(clamping: try wide.next("size")) : Int(plain)
            compressedSize = packed == .max ? Int(clamping: try wide.next("compressed size")) : Int(packed)
            headerOffset = header == .max ? Int(clamping: try wide.next("header offset")) : Int(header)
        } catch { throw ZipError(error) }
        guard signature == 0x0201_4B50 else { throw .signature(field: "directory entry", offset: start) }
        self.index = index
        name =
            String(validating: rawName, as: UTF8.self)
            ?? String(String.UnicodeScalarView(rawName.map { Unicode.Scalar($0) }))
    }

    private static func zip64Field(_ extra: ArraySlice<UInt8>) throws(ByteError) -> Zip64Field {
        var reader = ByteReader(extra)
        while reader.remaining >= 4 {
            let identifier: UInt16 = try reader.littleEndian(for: "extra field")
            let length: UInt16 = try reader.littleEndian(for: "extra field length")
            let content = try reader.take(Int(length), for: "extra field")
            if identifier == 1 { return Zip64Field(reader: ByteReader(content)) }
        }
        return Zip64Field(reader: ByteReader([]))
    }
}

/// The extended information extra field (4.5.3).
private struct Zip64Field {
    var reader: ByteReader

    mutating func next(_ field: StaticString) throws(ByteError) -> UInt64 {
        try reader.littleEndian(for: field)
    }
}

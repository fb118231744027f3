/// A zip archive (PKWARE APPNOTE.TXT 6.3.10), read from its central directory.
///
/// Entries are stored or deflated; ZIP64 is read. Sizes and checksums come from the central directory, as
/// writers that stream leave them out of the local headers (general-purpose bit 3). Encrypted entries and
/// archives over several disks are refused.
package struct ZipArchive: Sendable {
    package let source: any ByteSource
    /// In the order of the central directory.
    package let entries: [ZipEntry]
    /// For each entry, the first byte that belongs to something else: the next entry or the directory.
    private let regionEnds: [Int]

    /// Reads the directory of an archive.
    ///
    /// Throws: ``ZipError``.
    package init(source: some ByteSource, maximumEntries: Int = 100_000) throws(ZipError) {
        let end = try ZipDirectoryEnd(of: source)
        let entries = try ZipEntry.directory(of: source, end, maximumEntries: maximumEntries)
        self.source = source
        self.entries = entries
        self.regionEnds = try Self.regionEnds(of: entries, directory: end.offset)
    }

    /// Reads the directory of an archive in memory.
    ///
    /// Throws: ``ZipError``.
    package init(bytes: [UInt8], maximumEntries: Int = 100_000) throws(ZipError) {
        try self.init(source: bytes, maximumEntries: maximumEntries)
    }

    /// The entry of that exact name.
    package subscript(name: String) -> ZipEntry? { entries.first { $0.name == name } }

    /// Where an entry's data, as they are stored, lie in the source: to use them in place when
    /// `method` is 0 (stored).
    ///
    /// Throws: ``ZipError`` when the local header is not where the directory says, or not the same entry's.
    package func dataRange(of entry: ZipEntry) throws(ZipError) -> Range<Int> {
        guard !entry.isEncrypted else { throw .unsupported("encryption", entry: entry.index) }
        var reader = try read(entry.headerOffset, ZipEntry.localHeaderSize, "local header")
        let signature: UInt32
        let nameLength: UInt16
        let extraLength: UInt16
        do throws(ByteError) {
            signature = try reader.littleEndian(for: "local header")
            try reader.seek(to: 26, for: "local name length")
            nameLength = try reader.littleEndian(for: "local name length")
            extraLength = try reader.littleEndian(for: "local extra length")
        } catch { throw ZipError(error) }
        guard signature == 0x0403_4B50 else {
            throw .signature(field: "local header", offset: entry.headerOffset)
        }
        let nameOffset = entry.headerOffset + ZipEntry.localHeaderSize
        let name = try read(nameOffset, Int(nameLength), "local name").bytes
        guard name.elementsEqual(entry.rawName) else {
            throw .inconsistent(field: "local name", offset: nameOffset)
        }
        let start = nameOffset + Int(nameLength) + Int(extraLength)
        guard start <= regionEnds[entry.index], entry.compressedSize <= regionEnds[entry.index] - start else {
            throw .inconsistent(field: "entry data", offset: start)
        }
        return start..<start + entry.compressedSize
    }

    /// An entry's data, inflated and checked against the directory's size and CRC-32.
    ///
    /// Throws: ``ZipError``; before anything is allocated when the declared size is above `limit`.
    package func data(of entry: ZipEntry, limit: Int) throws(ZipError) -> [UInt8] {
        guard entry.size <= limit else {
            throw .limit(field: "entry size", found: entry.size, allowed: limit)
        }
        let range = try dataRange(of: entry)
        let stored: ArraySlice<UInt8>
        do { stored = try source.bytes(in: range) } catch { throw ZipError(error) }
        let data: [UInt8]
        switch entry.method {
        case 0: data = Array(stored)
        case 8:
            do {
                data = try Inflate.inflate(stored, as: .raw, limits: .init(bytes: entry.size))
            } catch { throw .inflate(error, entry: entry.index) }
        default: throw .unsupported("compression method \(entry.method)", entry: entry.index)
        }
        guard data.count == entry.size else {
            throw .size(entry: entry.index, expected: entry.size, found: data.count)
        }
        let checksum = Inflate.crc32(of: data[...])
        guard checksum == entry.crc32 else {
            throw .checksum(entry: entry.index, expected: entry.crc32, found: checksum)
        }
        return data
    }

    private func read(_ offset: Int, _ count: Int, _ field: String) throws(ZipError) -> ByteReader {
        guard let bytes = try? source.bytes(in: offset..<offset + count) else {
            throw .truncated(field: field, offset: offset)
        }
        return ByteReader(bytes)
    }

    /// Entries must not overlap: an archive of overlapping entries inflates to far more than its size
    /// (D. Fifield, A better zip bomb, WOOT 2019).
    private static func regionEnds(of entries: [ZipEntry], directory: Int) throws(ZipError) -> [Int] {
        var ends = [Int](repeating: directory, count: entries.count)
        let inOrder = entries.sorted { $0.headerOffset < $1.headerOffset }
        for (place, entry) in inOrder.enumerated() {
            let next = place + 1 < inOrder.count ? inOrder[place + 1].headerOffset : directory
            let headers = ZipEntry.localHeaderSize + entry.rawName.count
            guard entry.headerOffset <= next, next - entry.headerOffset >= headers,
                entry.compressedSize <= next - entry.headerOffset - headers
            else { throw .inconsistent(field: "entry data", offset: entry.headerOffset) }
            ends[entry.index] = next
        }
        return ends
    }
}

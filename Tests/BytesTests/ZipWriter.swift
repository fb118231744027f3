import Bytes

/// Writes small zip archives, right or with one defect, for the tests.
struct ZipWriter {
    struct File {
        var name: String
        /// As stored.
        var stored: [UInt8]
        var method: UInt16 = 0
        var size: Int?
        var crc32: UInt32?
        var flags: UInt16 = 0
        var localName: String?
        var localExtra: [UInt8] = []
        /// Puts sizes and offset into the ZIP64 field of the directory.
        var wide = false
        var offset: Int?
    }

    var files: [File]
    var comment: [UInt8] = []
    var zip64 = false
    /// Writes the ZIP64 records although the end record holds the values itself.
    var idleZip64 = false
    var entryCount: Int?
    var disk: UInt16 = 0

    func bytes() -> [UInt8] {
        var archive: [UInt8] = []
        var directory: [UInt8] = []
        for file in files {
            directory += record(of: file, offset: file.offset ?? archive.count)
            let name = Array((file.localName ?? file.name).utf8)
            archive += [0x50, 0x4B, 3, 4] + little(20, 2) + little(Int(file.flags), 2)
            archive += little(Int(file.method), 2) + little(0, 4) + little(0, 4) + little(0, 4) + little(0, 4)
            archive += little(name.count, 2) + little(file.localExtra.count, 2) + name + file.localExtra
            archive += file.stored
        }
        let start = archive.count
        archive += directory
        let count = entryCount ?? files.count
        if zip64 || idleZip64 {
            let record = archive.count
            archive += [0x50, 0x4B, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
            archive += little(count, 8) + little(count, 8) + little(directory.count, 8) + little(start, 8)
            archive += [0x50, 0x4B, 6, 7] + little(0, 4) + little(record, 8) + little(1, 4)
        }
        archive += [0x50, 0x4B, 5, 6] + little(Int(disk), 2) + little(0, 2)
        archive += little(zip64 ? 0xFFFF : count, 2) + little(zip64 ? 0xFFFF : count, 2)
        archive += little(zip64 ? 0xFFFF_FFFF : directory.count, 4) + little(zip64 ? 0xFFFF_FFFF : start, 4)
        return archive + little(comment.count, 2) + comment
    }

    private func record(of file: File, offset: Int) -> [UInt8] {
        let name = Array(file.name.utf8)
        let size = file.size ?? file.stored.count
        let extra =
            file.wide
            ? little(1, 2) + little(24, 2) + little(size, 8) + little(file.stored.count, 8)
                + little(offset, 8)
            : []
        let all = 0xFFFF_FFFF
        var record: [UInt8] = [0x50, 0x4B, 1, 2] + little(20, 2) + little(20, 2) + little(Int(file.flags), 2)
        record += little(Int(file.method), 2) + little(0, 4)
        record += little(Int(file.crc32 ?? Inflate.crc32(of: file.stored[...])), 4)
        record += little(file.wide ? all : file.stored.count, 4) + little(file.wide ? all : size, 4)
        record += little(name.count, 2) + little(extra.count, 2) + little(0, 2) + little(0, 8)
        return record + little(file.wide ? all : offset, 4) + name + extra
    }
}

func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

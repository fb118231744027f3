import Bytes
import Foundation
import Testing

/// "hello hello hello hello\n" as zlib deflates it, without a wrapper.
private let deflatedHello: [UInt8] = [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x27, 0xB9, 0x00]
private let hello = Array("hello hello hello hello\n".utf8)

private func deflated(name: String = "b", size: Int? = nil, crc32: UInt32? = nil) -> ZipWriter.File {
    .init(
        name: name, stored: deflatedHello, method: 8, size: size ?? hello.count,
        crc32: crc32 ?? Inflate.crc32(of: hello[...]))
}

@Suite struct ZipTests {
    @Test func readsStoredAndDeflatedEntries() throws {
        let writer = ZipWriter(
            files: [.init(name: "a.txt", stored: [1, 2, 3]), deflated(), .init(name: "dir/", stored: [])],
            comment: Array("PK\u{5}\u{6} a comment".utf8))
        let bytes = writer.bytes()
        let archive = try ZipArchive(bytes: bytes)
        #expect(archive.entries.map(\.name) == ["a.txt", "b", "dir/"])
        #expect(archive.entries.map(\.isDirectory) == [false, false, true])
        #expect(try archive.data(of: archive.entries[0], limit: 3) == [1, 2, 3])
        #expect(try archive.data(of: archive.entries[1], limit: 100) == hello)
        #expect(Array(bytes[try archive.dataRange(of: archive.entries[0])]) == [1, 2, 3])
        #expect(archive["b"]?.size == hello.count)
    }

    @Test func findsDataBehindTheLocalHeadersOwnExtraField() throws {
        let file = ZipWriter.File(
            name: "a", stored: [7, 8], flags: 8, localExtra: [UInt8](repeating: 9, count: 40))
        let archive = try ZipArchive(bytes: ZipWriter(files: [file]).bytes())
        #expect(try archive.dataRange(of: archive.entries[0]) == 71..<73)
        #expect(try archive.data(of: archive.entries[0], limit: 2) == [7, 8])
    }

    @Test func readsZip64() throws {
        var wide = deflated()
        wide.wide = true
        let archive = try ZipArchive(
            bytes: ZipWriter(files: [.init(name: "a", stored: [5], wide: true), wide], zip64: true).bytes())
        #expect(try archive.data(of: archive.entries[0], limit: 9) == [5])
        #expect(try archive.data(of: archive.entries[1], limit: 99) == hello)
    }

    @Test func toleratesZip64RecordsThatNothingDefersTo() throws {
        let bytes = ZipWriter(files: [deflated()], idleZip64: true).bytes()
        let archive = try ZipArchive(bytes: bytes)
        #expect(try archive.data(of: archive.entries[0], limit: 99) == hello)
    }

    @Test func readsAMappedFileInPlace() throws {
        let path = FileManager.default.temporaryDirectory.path + "/firstlead-\(UUID().uuidString).zip"
        let bytes = ZipWriter(files: [.init(name: "weights", stored: [1, 2, 3, 4])]).bytes()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try MappedFile(path: path)
        let archive = try ZipArchive(source: file)
        let range = try archive.dataRange(of: try #require(archive["weights"]))
        #expect(unsafe file.withUnsafeBytes { unsafe Array($0[range]) } == [1, 2, 3, 4])
        #expect(throws: ByteError.self) { try file.bytes(in: 0..<bytes.count + 1) }
    }

    /// Both names are one text to whoever asks for it, in other bytes.
    @Test func refusesNamesThatAreEqualAsText() {
        let files = ["\u{E9}", "e\u{301}"].map { ZipWriter.File(name: $0, stored: [1]) }
        #expect(throws: ZipError.duplicateName(entry: 1)) {
            try ZipArchive(bytes: ZipWriter(files: files).bytes())
        }
    }

    @Test func refusesEntriesLargerThanTheLimitBeforeInflating() throws {
        let archive = try ZipArchive(bytes: ZipWriter(files: [deflated(size: 1 << 31)]).bytes())
        #expect(throws: ZipError.limit(field: "entry size", found: 1 << 31, allowed: 1 << 20)) {
            try archive.data(of: archive.entries[0], limit: 1 << 20)
        }
    }

    @Test func refusesSizesAndChecksumsThatDoNotFit() throws {
        let defects: [(ZipWriter.File, ZipError)] = [
            (deflated(size: 23), .inflate(.limit(bytes: 23), entry: 0)),
            (deflated(size: 25), .size(entry: 0, expected: 25, found: 24)),
            (
                deflated(crc32: 1),
                .checksum(entry: 0, expected: 1, found: Inflate.crc32(of: hello[...]))
            ),
            (
                .init(name: "a", stored: Array(deflatedHello.dropLast(2)), method: 8, size: 24),
                .inflate(.truncated(offset: 9), entry: 0)
            ),
            (.init(name: "a", stored: [1], method: 12), .unsupported("compression method 12", entry: 0)),
            (.init(name: "a", stored: [1], flags: 1), .unsupported("encryption", entry: 0)),
        ]
        for (file, error) in defects {
            let archive = try ZipArchive(bytes: ZipWriter(files: [file]).bytes())
            #expect(throws: error) { try archive.data(of: archive.entries[0], limit: 1_000) }
        }
    }

    @Test func refusesAnotherLocalName() throws {
        let file = ZipWriter.File(name: "a", stored: [1], localName: "z")
        let archive = try ZipArchive(bytes: ZipWriter(files: [file]).bytes())
        #expect(throws: ZipError.inconsistent(field: "local name", offset: 30)) {
            try archive.data(of: archive.entries[0], limit: 10)
        }
    }

    @Test func refusesDirectoriesThatLie() throws {
        let one = ZipWriter.File(name: "a", stored: [1, 2, 3])
        var overlapping = ZipWriter.File(name: "b", stored: [1, 2, 3])
        overlapping.offset = 0
        var outside = one
        outside.offset = 1 << 20
        let writers = [
            ZipWriter(files: [one, one]), ZipWriter(files: [one, overlapping]), ZipWriter(files: [outside]),
            ZipWriter(files: [one], entryCount: 2), ZipWriter(files: [one], entryCount: 0),
            ZipWriter(files: [one], entryCount: 40_000), ZipWriter(files: [one], disk: 1),
            ZipWriter(files: [one], zip64: true, entryCount: 1 << 40),
        ]
        for writer in writers { #expect(throws: ZipError.self) { try ZipArchive(bytes: writer.bytes()) } }
        #expect(throws: ZipError.noDirectory) { try ZipArchive(bytes: []) }
        #expect(throws: ZipError.noDirectory) {
            try ZipArchive(bytes: Array("no archive at all, but long".utf8))
        }
    }

    @Test func limitsTheNumberOfEntries() throws {
        let files = (0..<10).map { ZipWriter.File(name: "\($0)", stored: []) }
        #expect(throws: ZipError.limit(field: "entries", found: 10, allowed: 9)) {
            try ZipArchive(bytes: ZipWriter(files: files).bytes(), maximumEntries: 9)
        }
    }

    @Test(arguments: [false, true]) func survivesTruncationAndSingleByteDamage(zip64: Bool) {
        let writer = ZipWriter(
            files: [.init(name: "a.txt", stored: [1, 2, 3], wide: zip64), deflated()], zip64: zip64)
        let bytes = writer.bytes()
        for length in 0..<bytes.count {
            #expect(throws: ZipError.self) { try ZipArchive(bytes: Array(bytes[..<length])) }
        }
        for place in bytes.indices {
            for value: UInt8 in [0x00, 0x7F, 0x80, 0xFF, bytes[place] ^ 1] {
                var damaged = bytes
                damaged[place] = value
                guard let archive = try? ZipArchive(bytes: damaged) else { continue }
                for entry in archive.entries { _ = try? archive.data(of: entry, limit: 1_000) }
            }
        }
    }
}

@Suite struct InflateTests {
    private let gzip: [UInt8] =
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + deflatedHello + little(Int(Inflate.crc32(of: hello[...])), 4)
        + little(24, 4)

    private func inflate(
        _ bytes: [UInt8], _ wrapper: Inflate.Wrapper = .gzip, limit: Int = 1_000
    ) throws(InflateError) -> [UInt8] {
        try Inflate.inflate(bytes[...], as: wrapper, limits: .init(bytes: limit))
    }

    @Test func readsEveryWrapper() throws {
        #expect(try inflate(deflatedHello, .raw) == hello)
        #expect(try inflate(gzip) == hello)
        #expect(try inflate(gzip + gzip) == hello + hello)
        let adler: [UInt8] = [0x70, 0xBE, 0x08, 0xBB]
        #expect(try inflate([0x78, 0xDA] + deflatedHello + adler, .zlib) == hello)
        #expect(throws: InflateError.self) {
            try inflate([0x78, 0xDA] + deflatedHello + [0, 0, 0, 0], .zlib)
        }
    }

    @Test func stopsAtTheLimit() {
        #expect(throws: InflateError.limit(bytes: 23)) { try inflate(gzip, limit: 23) }
        #expect(throws: InflateError.limit(bytes: 47)) { try inflate(gzip + gzip, limit: 47) }
    }

    @Test func refusesDamage() {
        #expect(throws: InflateError.trailingBytes(offset: gzip.count, count: 1)) { try inflate(gzip + [0]) }
        #expect(throws: InflateError.trailingBytes(offset: 11, count: 2)) {
            try inflate(deflatedHello + [1, 2], .raw)
        }
        for length in 0..<gzip.count {
            #expect(throws: InflateError.truncated(offset: length)) { try inflate(Array(gzip[..<length])) }
        }
        var wrongSum = gzip
        wrongSum[gzip.count - 5] ^= 1
        #expect(throws: InflateError.self) { try inflate(wrongSum) }
        #expect(throws: InflateError.corrupt(offset: 1)) { try inflate([7, 7, 7], .raw) }
    }
}

import Bytes
import Testing

/// A tar header and its data; `checksum` adds to the right one.
private func file(
    _ name: String, _ data: [UInt8], type: Character = "0", size: String? = nil, prefix: String = "",
    checksum: Int = 0
) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    let put = { (text: String, offset: Int, block: inout [UInt8]) in
        block.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
    }
    put(name, 0, &block)
    put(
        size ?? String(repeating: "0", count: 11 - String(data.count, radix: 8).count)
            + String(data.count, radix: 8), 124, &block)
    put("        ", 148, &block)
    block[156] = type.asciiValue ?? 0
    put("ustar\u{0}00", 257, &block)
    put(prefix, 345, &block)
    let sum = block.reduce(0) { $0 + Int($1) } + checksum
    let digits = String(sum, radix: 8)
    put(String(repeating: "0", count: 6 - digits.count) + digits + "\0 ", 148, &block)
    return block + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
}

private let end = [UInt8](repeating: 0, count: 1_024)

@Suite struct TarTests {
    @Test func readsFilesOfEveryFlavour() throws {
        let long = String(repeating: "n", count: 150)
        let pax = Array("160 path=\(long)\n".utf8) + Array("20 mtime=1234567.89\n".utf8)
        let bytes =
            file("dir/", [], type: "5") + file("a", [1, 2, 3]) + file("x", pax, type: "x")
            + file("short", [4])
            + file("L", Array(long.utf8) + [0], type: "L") + file("short", [5]) + file("b", [], prefix: "p/q")
            + end
        let archive = try TarArchive(bytes: bytes)
        #expect(archive.entries.map(\.name) == ["a", long, long, "p/q/b"])
        #expect(archive.entries.map { archive.data(of: $0) } == [[1, 2, 3], [4], [5], []])
        #expect(TarArchive.isTar(bytes))
        #expect(!TarArchive.isTar(end))
    }

    @Test func refusesWhatItDoesNotDo() {
        #expect(throws: TarError.unsupported(type: 0x32, offset: 0)) {
            try TarArchive(bytes: file("a", [], type: "2") + end)
        }
        #expect(throws: TarError.checksum(offset: 0)) {
            try TarArchive(bytes: file("a", [], checksum: 1) + end)
        }
        #expect(throws: TarError.truncated(offset: 512, needed: 0o77777777777, available: 1_024)) {
            try TarArchive(bytes: file("a", [], size: "77777777777") + end)
        }
        #expect(throws: TarError.field("size", offset: 124)) {
            try TarArchive(bytes: file("a", [], size: "-1") + end)
        }
        #expect(throws: TarError.field("pax record", offset: 512)) {
            try TarArchive(bytes: file("x", Array("12 size=999\n".utf8), type: "x") + file("a", []) + end)
        }
        #expect(throws: TarError.field("pax record", offset: 512)) {
            try TarArchive(bytes: file("x", Array("99 path=a\n".utf8), type: "x") + file("a", []) + end)
        }
        #expect(throws: TarError.limit(entries: 1)) {
            try TarArchive(bytes: file("a", []) + file("b", []) + end, maximumEntries: 1)
        }
    }

    @Test func survivesTruncationEverywhere() {
        let bytes =
            file("a", [1, 2, 3]) + file("x", Array("10 path=b\n".utf8), type: "x") + file("c", [4]) + end
        for length in 0..<bytes.count - 1_024 {
            #expect(throws: TarError.self) { try TarArchive(bytes: Array(bytes[..<length])) }
        }
    }
}

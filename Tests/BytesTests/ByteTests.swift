import Bytes
import Foundation
import Testing

@Suite struct ByteReaderTests {
    @Test func readsBothByteOrders() throws {
        var reader = ByteReader([1, 2, 3, 4, 5, 6, 7])
        #expect(try reader.littleEndian(UInt16.self, for: "a") == 0x0201)
        #expect(try reader.bigEndian(UInt32.self, for: "b") == 0x0304_0506)
        #expect(reader.remaining == 1)
        try reader.seek(to: 0, for: "c")
        #expect(try reader.take(7, for: "d").last == 7)
    }

    @Test func readsASliceFromItsOwnStart() throws {
        var reader = ByteReader([9, 9, 1, 2][2...])
        #expect(try reader.bigEndian(UInt16.self, for: "a") == 0x0102)
        #expect(reader.offset == 2)
    }

    @Test func neverReadsPastTheEnd() {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: ByteError.truncated(field: "size", offset: 0, needed: 4, available: 3)) {
            try reader.littleEndian(UInt32.self, for: "size")
        }
        #expect(reader.offset == 0)
        #expect(throws: ByteError.self) { try reader.take(-1, for: "x") }
        #expect(throws: ByteError.self) { try reader.take(.max, for: "x") }
        #expect(throws: ByteError.self) { try reader.seek(to: 4, for: "x") }
        #expect(throws: ByteError.self) { try reader.seek(to: -1, for: "x") }
    }
}

@Suite struct DigestTests {
    /// The examples of FIPS 180-4 (NIST, SHA256.pdf).
    @Test(arguments: [
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ]) func agreesWithTheStandard(text: String, expected: String) {
        #expect(Digest(of: text.utf8).hexadecimal == expected)
        #expect(Digest(hexadecimal: expected) == Digest(of: Array(text.utf8)))
    }

    /// The long example of FIPS 180-2 (appendix B.3), in one piece and in pieces of changing length.
    @Test func piecesGiveTheDigestOfTheWhole() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        let whole = Digest(of: message)
        #expect(whole.hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(Digest(of: message.lazy.map { $0 }) == whole)
        var hasher = Hasher256()
        var rest = message[...]
        var length = 0
        while !rest.isEmpty {
            unsafe rest.prefix(length).withUnsafeBufferPointer { unsafe hasher.update($0) }
            rest = rest.dropFirst(length)
            length += 1
        }
        #expect(hasher.finish() == whole)
    }

    @Test func readsOnlyLowerCaseDigests() {
        let digest = Digest(of: [1, 2, 3]).hexadecimal
        #expect(Digest(hexadecimal: digest.uppercased()) == nil)
        #expect(Digest(hexadecimal: String(digest.dropLast())) == nil)
        #expect(Digest(hexadecimal: digest.dropLast() + "g") == nil)
    }
}

@Suite struct MappedFileTests {
    private func path() -> String {
        FileManager.default.temporaryDirectory.path + "/firstlead-\(UUID().uuidString)"
    }

    @Test func mapsFilesOfAnySize() throws {
        for bytes: [UInt8] in [[], [7], [UInt8](repeating: 3, count: 10_000)] {
            let path = path()
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            defer { try? FileManager.default.removeItem(atPath: path) }
            let file = try MappedFile(path: path)
            #expect(file.count == bytes.count)
            #expect(try Array(file.bytes(in: 0..<bytes.count)) == bytes)
            #expect(throws: ByteError.self) { try file.bytes(in: 0..<bytes.count + 1) }
            #expect(throws: ByteError.self) { try file.bytes(in: -1..<0) }
        }
    }

    @Test func namesFileAndCauseWhenItCannotMap() {
        let missing = path()
        let error = #expect(throws: FileError.self) { try MappedFile(path: missing) }
        #expect(error?.errno == 2)
        #expect(error?.message == "cannot open \(missing): No such file or directory (errno 2)")
        #expect(throws: FileError.self) { try MappedFile(path: "/tmp") }
        #expect(throws: FileError.self) { try MappedFile(path: "/dev/null") }
    }
}

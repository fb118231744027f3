import Bytes
import Foundation
import Testing

@Suite struct ReleasedPagesTests {
    /// Kilobytes of a file's mapping that are in this process's memory (proc(5), smaps).
    private func residentKilobytes(_ path: String) throws -> Int {
        // Not by String(contentsOfFile:), which reads one block of a file whose size the system does not say.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let text = String(decoding: try #require(try file.readToEnd()), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasSuffix(path) })
        let line = try #require(lines[start...].first { $0.hasPrefix("Rss:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) })
    }

    private func sum(_ file: MappedFile) -> Int {
        unsafe file.withUnsafeBytes { bytes in unsafe bytes.reduce(0) { $0 + Int($1) } }
    }

    @Test func releasedPagesLeaveTheProcessAndComeBack() throws {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).bin"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(filePath: path))
        let file = try MappedFile(path: path)
        let expected = bytes.reduce(0) { $0 + Int($1) }
        #expect(sum(file) == expected)
        #expect(try residentKilobytes(path) >= 1_900)
        unsafe file.withUnsafeBytes { unsafe file.release($0) }
        #expect(try residentKilobytes(path) == 0)
        #expect(sum(file) == expected)
        // A part in the middle, off the pages' borders.
        unsafe file.withUnsafeBytes { bytes in
            unsafe file.release(UnsafeRawBufferPointer(rebasing: bytes[100_001..<1_900_003]))
        }
        #expect(try (1...500).contains(residentKilobytes(path)))
        #expect(sum(file) == expected)
        // Other memory is none of its business.
        unsafe bytes.withUnsafeBytes { unsafe file.release($0) }
        #expect(sum(file) == expected)
    }
}

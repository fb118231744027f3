import Bytes
import Foundation
import Tensor

/// Files beside the tests.
enum Fixture {
    static func path(_ name: String) -> String {
        Bundle.module.resourceURL?.appending(path: "Fixtures/\(name)").path ?? "/no resources/\(name)"
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(filePath: path(name))))
    }

    /// Name, shape and SHA-256 of each tensor of a table.
    static func tensors(_ table: String) throws -> [(name: String, shape: [Int], sha256: String)] {
        let text = try String(contentsOfFile: path("tensors_\(table).tsv"), encoding: .utf8)
        return text.split(separator: "\n").dropFirst(2).map { line in
            let columns = line.split(separator: "\t").map(String.init)
            return (columns[0], columns[1].split(separator: "x").compactMap { Int($0) }, columns[8])
        }
    }
}

/// A folder that goes when the test is over.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], _ name: String = "file") throws -> String {
        try Data(bytes).write(to: folder.appending(path: name))
        return path(name)
    }

    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
}

/// Little-endian float32.
func float32Bytes(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

func littleEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

extension WeightView {
    /// The values in an array of their own.
    var array: [Float] { withExtendedLifetime(owner) { unsafe Array(values) } }

    var sha256: String { Digest(of: float32Bytes(array)).hexadecimal }
}

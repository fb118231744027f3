import Bytes
import Foundation

/// A file that could not be written.
struct OutputError: Error {
    let message: String
}

/// Prints a line of results.
///
/// Throws: ``OutputError`` when nobody can read it any more: a full disk or a closed pipe.
func emit(_ line: String) throws {
    do { try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) } catch {
        report("standard output cannot be written")
        throw Exit.output
    }
}

/// Writes a whole file, so that its name never shows half of it; a device or pipe is written to as it is.
///
/// Throws: ``OutputError``.
func writeFile(_ bytes: [UInt8], to path: String) throws {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
    do {
        if let type, type != .typeRegular {
            let file = try FileHandle(forWritingTo: url)
            try file.write(contentsOf: Data(bytes))
        } else {
            try Data(bytes).write(to: url, options: .atomic)
        }
    } catch { throw OutputError(message: "cannot write \(path): \(error.localizedDescription)") }
}

/// A numpy array file, format 1.0, of little-endian float32 in C order
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
func npy(_ values: [Float], shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    // Magic, version and length take ten bytes; data begins at a multiple of 64.
    let padding = (64 - (10 + header.utf8.count + 1) % 64) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)] + Array(header.utf8)
    return bytes + values.littleEndianBytes
}

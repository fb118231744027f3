import Foundation

/// A float32 or int64 array of two dimensions from a NumPy file (NEP 1, version 1.0).
struct Npy {
    let rows: Int
    let columns: Int
    private let bytes: [UInt8]
    private let isFortran: Bool
    private let width: Int

    struct Malformed: Error {}

    init(_ file: [UInt8]) throws {
        guard file.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) else { throw Malformed() }
        let length = Int(file[8]) | Int(file[9]) << 8
        let header = String(decoding: file[10..<10 + length], as: UTF8.self)
        guard let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")") else {
            throw Malformed()
        }
        let shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
            Int($0.trimmingCharacters(in: .whitespaces))
        }
        width = header.contains("<f4") ? 4 : header.contains("<i8") ? 8 : 0
        isFortran = header.contains("'fortran_order': True")
        bytes = Array(file[(10 + length)...])
        guard shape.count == 2, width > 0, bytes.count == shape[0] * shape[1] * width else {
            throw Malformed()
        }
        (rows, columns) = (shape[0], shape[1])
    }

    private func bits(_ row: Int, _ column: Int) -> UInt64 {
        let start = (isFortran ? column * rows + row : row * columns + column) * width
        return bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func float(_ row: Int, _ column: Int) -> Float {
        Float(bitPattern: UInt32(truncatingIfNeeded: bits(row, column)))
    }

    func integer(_ row: Int, _ column: Int) -> Int { Int(Int64(bitPattern: bits(row, column))) }
}

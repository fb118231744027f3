import Foundation

/// A little-endian array of float32, float64 or int64 from a NumPy file (NEP 1, version 1.0).
package struct NumpyArray: Sendable {
    package let shape: [Int]
    /// In C order, whatever order the file has; int64 values are exact up to 2^53.
    package let values: [Double]

    package struct Malformed: Error {
        package let reason: String
    }

    /// Throws: ``Malformed``, or what reading the file throws.
    package init(contentsOf path: String) throws {
        try self.init([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    }

    /// Throws: ``Malformed``.
    package init(_ file: [UInt8]) throws {
        guard file.count > 10, file.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) else {
            throw Malformed(reason: "no NumPy file of version 1.0")
        }
        let start = 10 + Int(file[8]) + Int(file[9]) << 8
        let header = String(decoding: file[10..<start], as: UTF8.self)
        guard let list = header.split(separator: "(").last?.split(separator: ")").first else {
            throw Malformed(reason: "no shape")
        }
        let shape = list.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        let stored = try Self.values(file[start...], header)
        guard stored.count == shape.reduce(1, *) else { throw Malformed(reason: "shape and length differ") }
        self.shape = shape
        values = header.contains("'fortran_order': True") ? Self.transposed(stored, shape) : stored
    }

    /// Values of the part that begins with the indices given: of `[a, b, c]`, `[i]` gives the `b * c` of part i.
    package subscript(indices: Int...) -> ArraySlice<Double> {
        var range = values.indices
        for (dimension, index) in indices.enumerated() {
            let size = range.count / shape[dimension]
            range = range.lowerBound + index * size..<range.lowerBound + (index + 1) * size
        }
        return values[range]
    }

    private static func values(_ bytes: ArraySlice<UInt8>, _ header: String) throws -> [Double] {
        if header.contains("'<f4'") {
            return words(bytes, size: 4).map { Double(Float(bitPattern: UInt32($0))) }
        } else if header.contains("'<f8'") {
            return words(bytes, size: 8).map { Double(bitPattern: $0) }
        } else if header.contains("'<i8'") {
            return words(bytes, size: 8).map { Double(Int64(bitPattern: $0)) }
        }
        throw Malformed(reason: "an element type that is not read")
    }

    private static func words(_ bytes: ArraySlice<UInt8>, size: Int) -> [UInt64] {
        stride(from: bytes.startIndex, to: bytes.endIndex - size + 1, by: size).map { first in
            (0..<size).reduce(UInt64(0)) { $0 | UInt64(bytes[first + $1]) << (8 * $1) }
        }
    }

    /// From column-major to row-major order, for two dimensions.
    private static func transposed(_ values: [Double], _ shape: [Int]) -> [Double] {
        guard shape.count == 2 else { return values }
        return (0..<shape[0]).flatMap { row in (0..<shape[1]).map { values[$0 * shape[0] + row] } }
    }
}

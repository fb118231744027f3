package import Tensor

/// The numbers that a network computes with: float32 on the kernels, float64 in plain loops.
///
/// Both run the same layers. Float64 is what finite differences and PyTorch's float64 numbers are compared with.
package protocol NetworkScalar: BinaryFloatingPoint, Sendable {
    /// `[rows, inner]` by `[outputs, inner]`, both row-major: `x W^T`, `[rows, outputs]`.
    static func product(
        _ left: [Self], rows: Int, byRows right: [Self], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Self]

    /// `[rows, inner]` by `[inner, outputs]`, both row-major: `x W`, `[rows, outputs]`.
    static func product(
        _ left: [Self], rows: Int, byColumns right: [Self], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Self]
}

extension Float: NetworkScalar {
    package static func product(
        _ left: [Float], rows: Int, byRows right: [Float], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Float] {
        PackedFactor(rows: right, outputs: outputs, inner: inner).multiply(left, rows: rows, pool: pool)
    }

    package static func product(
        _ left: [Float], rows: Int, byColumns right: [Float], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Float] {
        PackedFactor(columns: right, outputs: outputs, inner: inner).multiply(left, rows: rows, pool: pool)
    }
}

extension Double: NetworkScalar {
    package static func product(
        _ left: [Double], rows: Int, byRows right: [Double], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Double] {
        var result = [Double](repeating: 0, count: rows * outputs)
        for row in 0..<rows {
            for output in 0..<outputs {
                var sum = 0.0
                for index in 0..<inner { sum += left[row * inner + index] * right[output * inner + index] }
                result[row * outputs + output] = sum
            }
        }
        return result
    }

    package static func product(
        _ left: [Double], rows: Int, byColumns right: [Double], outputs: Int, inner: Int, pool: WorkerPool
    ) -> [Double] {
        product(
            left, rows: rows, byRows: transposed(right, rows: inner, columns: outputs), outputs: outputs,
            inner: inner, pool: pool)
    }
}

/// `[rows, columns]` to `[columns, rows]`.
package func transposed<Scalar: NetworkScalar>(_ values: [Scalar], rows: Int, columns: Int) -> [Scalar] {
    precondition(values.count == rows * columns)
    var result = [Scalar](repeating: 0, count: values.count)
    for row in 0..<rows {
        for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
}

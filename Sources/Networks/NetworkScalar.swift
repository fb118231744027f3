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

    /// `[rows, columns]` to `[columns, rows]`.
    static func transposed(_ values: [Self], rows: Int, columns: Int, pool: WorkerPool) -> [Self]

    /// The transpose of each of several `[rows, columns]` that lie behind each other.
    static func transposedEach(_ values: [Self], rows: Int, columns: Int, pool: WorkerPool) -> [Self]

    /// x += y.
    static func add(_ x: inout [Self], _ y: [Self], pool: WorkerPool)

    /// max(x, 0) in place.
    static func rectify(_ x: inout [Self], pool: WorkerPool)

    /// Zeros in the gradient where the output is not above 0.
    static func rectifyGradient(_ gradient: inout [Self], output: [Self], pool: WorkerPool)

    /// Mean and biased variance of every column of `[rows, width]`, two passes in float64.
    static func moments(
        _ x: [Self], width: Int, pool: WorkerPool
    ) -> (means: [Double], variances: [Double])

    /// Every column of `[rows, width]` standardised, times weight, plus bias.
    static func normalised(_ x: [Self], by norm: ColumnNormalisation<Self>, pool: WorkerPool) -> [Self]

    /// The gradient of what ``normalised(_:by:pool:)`` gives to that of its input, in place, the statistics being functions
    /// of the input; gives the gradients of weight and bias.
    static func normaliseGradient(
        _ gradient: inout [Self], input x: [Self], by norm: ColumnNormalisation<Self>, pool: WorkerPool
    ) -> (weight: [Self], bias: [Self])

    /// What the outputs of a convolution see: `[records * positions', taps * inputs]`, tap by tap.
    static func stretches(_ input: Activations<Self>, _ layer: Convolution, pool: WorkerPool) -> [Self]

    /// Its transpose: sums, for every input value, what all places of it in the rows hold.
    static func gathered(
        _ stretches: [Self], like input: Activations<Self>, _ layer: Convolution, pool: WorkerPool
    ) -> [Self]

    /// One update of parameters and their moments.
    static func update(
        _ values: inout [Self], gradient: [Self], first: inout [Self], second: inout [Self],
        by step: AdamStep, pool: WorkerPool)
}

/// Statistics and affine part of a batch normalisation, channel by channel.
package struct ColumnNormalisation<Scalar: NetworkScalar>: Sendable {
    let mean: [Scalar]
    /// 1 / sqrt(variance + epsilon).
    let inverseDeviation: [Scalar]
    let weight: [Scalar]
    let bias: [Scalar]
}

/// What Adam needs of one update.
package struct AdamStep: Sendable {
    let firstDecay: Double
    let secondDecay: Double
    let epsilon: Double
    /// Learning rate over the first moment's correction.
    let rate: Double
    /// Root of the second moment's correction.
    let correction: Double
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
            left, rows: rows, byRows: transposed(right, rows: inner, columns: outputs, pool: pool),
            outputs: outputs,
            inner: inner, pool: pool)
    }
}

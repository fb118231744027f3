/// The numbers that the layers in plain loops compute with: float64, which finite differences and PyTorch's numbers are
/// compared with, and float32, whose rounding alone tells them apart from the kernels.
package protocol NetworkScalar: BinaryFloatingPoint, Sendable {}

extension Float: NetworkScalar {}
extension Double: NetworkScalar {}

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

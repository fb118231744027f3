import Tensor

/// What flows between layers: `[records, positions, channels]`, row-major, so that a position's channels are one row of a
/// matrix product.
package struct Activations<Scalar: NetworkScalar>: Sendable {
    package let records: Int
    package let positions: Int
    package let channels: Int
    package var values: [Scalar]

    /// Records times positions: rows of the matrix.
    package var rows: Int { records * positions }

    /// Takes `records * positions * channels` values.
    package init(records: Int, positions: Int, channels: Int, values: [Scalar]) {
        precondition(values.count == records * positions * channels)
        self.records = records
        self.positions = positions
        self.channels = channels
        self.values = values
    }

    /// Zeros.
    init(records: Int, positions: Int, channels: Int) {
        self.init(
            records: records, positions: positions, channels: channels,
            values: [Scalar](repeating: 0, count: records * positions * channels))
    }

    /// The same shape with other values.
    func with(_ values: [Scalar]) -> Activations {
        Activations(records: records, positions: positions, channels: channels, values: values)
    }

    /// Element by element.
    consuming func adding(_ other: Activations) -> Activations {
        precondition(values.count == other.values.count)
        var sum = self
        Scalar.add(&sum.values, other.values)
        return sum
    }
}

/// Rectified linear units.
enum Rectifier {
    /// max(x, 0).
    static func forward<Scalar>(
        _ input: consuming Activations<Scalar>
    ) -> Activations<Scalar> {
        var output = input
        Scalar.rectify(&output.values)
        return output
    }

    /// The gradient where the output is above 0; none at 0 itself, as PyTorch has it.
    static func backward<Scalar>(
        _ gradient: consuming Activations<Scalar>, output: Activations<Scalar>
    ) -> Activations<Scalar> {
        var result = gradient
        Scalar.rectifyGradient(&result.values, output: output.values)
        return result
    }
}

/// One-dimensional convolution without bias, as products of matrices: the stretch of the input that an output position
/// sees becomes a row (im2col), the weights are the other factor.
package struct Convolution: Sendable, Equatable {
    package let inputs: Int
    package let outputs: Int
    package let taps: Int
    package let stride: Int
    /// Zeros before the first position and behind the last.
    package let padding: Int

    package init(inputs: Int, outputs: Int, taps: Int, stride: Int = 1, padding: Int = 0) {
        precondition(min(inputs, outputs, taps, stride) > 0 && padding >= 0 && padding < taps)
        self.inputs = inputs
        self.outputs = outputs
        self.taps = taps
        self.stride = stride
        self.padding = padding
    }

    /// Shape of the weights, as PyTorch's Conv1d stores them: `[outputs, inputs, taps]`.
    package var weightShape: [Int] { [outputs, inputs, taps] }

    /// Positions of the output.
    package func positions(of input: Int) -> Int {
        precondition(input + 2 * padding >= taps)
        return (input + 2 * padding - taps) / stride + 1
    }

    /// `[records, positions, inputs]` to `[records, positions', outputs]`.
    package func forward<Scalar>(
        _ input: Activations<Scalar>, weights: [Scalar]
    ) -> Activations<Scalar> {
        precondition(input.channels == inputs && weights.count == outputs * inputs * taps)
        let positions = positions(of: input.positions)
        return Activations(
            records: input.records, positions: positions, channels: outputs,
            values: Scalar.product(
                stretches(input), rows: input.records * positions,
                byRows: tapByTap(weights),
                outputs: outputs, inner: inputs * taps))
    }

    /// Gradients of the weights and, where asked, of the input, from the gradient of the output.
    package func backward<Scalar>(
        _ gradient: Activations<Scalar>, input: Activations<Scalar>, weights: [Scalar],
        needsInput: Bool = true
    ) -> (input: Activations<Scalar>?, weights: [Scalar]) {
        precondition(gradient.channels == outputs && input.channels == inputs)
        let weightGradient = channelByChannel(
            Scalar.product(
                Scalar.transposed(gradient.values, rows: gradient.rows, columns: outputs),
                rows: outputs, byColumns: stretches(input), outputs: inputs * taps,
                inner: gradient.rows))
        guard needsInput else { return (nil, weightGradient) }
        let stretches = Scalar.product(
            gradient.values, rows: gradient.rows, byColumns: tapByTap(weights), outputs: inputs * taps,
            inner: outputs)
        return (
            input.with(
                isPointwise ? stretches : Scalar.gathered(stretches, like: input, self)),
            weightGradient
        )
    }

    private var isPointwise: Bool { taps == 1 && stride == 1 }

    /// `[records * positions', taps * inputs]`: each row what one output position sees, tap by tap.
    private func stretches<Scalar>(_ input: Activations<Scalar>) -> [Scalar] {
        isPointwise ? input.values : Scalar.stretches(input, self)
    }

    /// `[outputs, inputs, taps]` to `[outputs, taps, inputs]`.
    private func tapByTap<Scalar: NetworkScalar>(_ weights: [Scalar]) -> [Scalar] {
        taps == 1
            ? weights : Scalar.transposedEach(weights, rows: inputs, columns: taps)
    }

    /// And back.
    private func channelByChannel<Scalar: NetworkScalar>(
        _ weights: [Scalar]
    ) -> [Scalar] {
        taps == 1
            ? weights : Scalar.transposedEach(weights, rows: taps, columns: inputs)
    }

    /// Every pair of an output row and a tap that falls within the input, rows upward: calls `body` with the output row,
    /// the input row and the tap.
    func forEachTap(records: Int, inputPositions: Int, _ body: (Int, Int, Int) -> Void) {
        let positions = positions(of: inputPositions)
        for record in 0..<records {
            for position in 0..<positions {
                for tap in 0..<taps {
                    let source = position * stride + tap - padding
                    guard source >= 0, source < inputPositions else { continue }
                    body(record * positions + position, record * inputPositions + source, tap)
                }
            }
        }
    }
}

/// The largest of a few neighbouring positions, channel by channel.
package struct MaxPool: Sendable {
    package let width: Int
    package let stride: Int
    /// Positions beyond both ends that are never the largest.
    package let padding: Int

    package init(width: Int, stride: Int, padding: Int) {
        precondition(width > 0 && stride > 0 && padding >= 0 && 2 * padding <= width)
        self.width = width
        self.stride = stride
        self.padding = padding
    }

    /// The maxima, and for each the index of the value that it is: the first of equal ones.
    package func forward<Scalar>(
        _ input: Activations<Scalar>
    ) -> (output: Activations<Scalar>, chosen: [Int]) {
        precondition(input.positions + 2 * padding >= width)
        let positions = (input.positions + 2 * padding - width) / stride + 1
        var output = Activations<Scalar>(
            records: input.records, positions: positions, channels: input.channels)
        var chosen = [Int](repeating: 0, count: output.values.count)
        for row in 0..<output.rows {
            let (record, position) = row.quotientAndRemainder(dividingBy: positions)
            let first = max(position * stride - padding, 0)
            let last = min(position * stride - padding + width, input.positions)
            for channel in 0..<input.channels {
                var best = (record * input.positions + first) * input.channels + channel
                for source in first..<last {
                    let index = (record * input.positions + source) * input.channels + channel
                    if input.values[index] > input.values[best] { best = index }
                }
                output.values[row * input.channels + channel] = input.values[best]
                chosen[row * input.channels + channel] = best
            }
        }
        return (output, chosen)
    }

    /// Each gradient to the value that was chosen.
    package func backward<Scalar>(
        _ gradient: Activations<Scalar>, chosen: [Int], positions: Int
    ) -> Activations<Scalar> {
        var result = Activations<Scalar>(
            records: gradient.records, positions: positions, channels: gradient.channels)
        for (index, source) in chosen.enumerated() { result.values[source] += gradient.values[index] }
        return result
    }
}

/// The mean over all positions, channel by channel.
package enum GlobalAveragePool {
    /// `[records, positions, channels]` to `[records, 1, channels]`.
    package static func forward<Scalar>(_ input: Activations<Scalar>) -> Activations<Scalar> {
        var output = Activations<Scalar>(records: input.records, positions: 1, channels: input.channels)
        for row in 0..<input.rows {
            let record = row / input.positions
            for channel in 0..<input.channels {
                output.values[record * input.channels + channel] +=
                    input.values[row * input.channels + channel]
            }
        }
        for index in output.values.indices { output.values[index] /= Scalar(input.positions) }
        return output
    }

    /// The gradient's equal shares to all positions.
    package static func backward<Scalar>(
        _ gradient: Activations<Scalar>, positions: Int
    ) -> Activations<Scalar> {
        var result = Activations<Scalar>(
            records: gradient.records, positions: positions, channels: gradient.channels)
        for row in 0..<result.rows {
            for channel in 0..<gradient.channels {
                result.values[row * gradient.channels + channel] =
                    gradient.values[row / positions * gradient.channels + channel] / Scalar(positions)
            }
        }
        return result
    }
}

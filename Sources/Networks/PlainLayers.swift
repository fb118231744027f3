/// The layers in plain loops, one value after the other: what the kernels are compared with.
extension NetworkScalar {
    package static func product(
        _ left: [Self], rows: Int, byRows right: [Self], outputs: Int, inner: Int
    ) -> [Self] {
        var result = [Self](repeating: 0, count: rows * outputs)
        for row in 0..<rows {
            for output in 0..<outputs {
                var sum: Self = 0
                for index in 0..<inner { sum += left[row * inner + index] * right[output * inner + index] }
                result[row * outputs + output] = sum
            }
        }
        return result
    }

    package static func product(
        _ left: [Self], rows: Int, byColumns right: [Self], outputs: Int, inner: Int
    ) -> [Self] {
        product(
            left, rows: rows, byRows: transposed(right, rows: inner, columns: outputs),
            outputs: outputs,
            inner: inner)
    }

    package static func transposed(
        _ values: [Self], rows: Int, columns: Int
    ) -> [Self] {
        precondition(values.count == rows * columns)
        var result = [Self](repeating: 0, count: values.count)
        for row in 0..<rows {
            for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
        }
        return result
    }

    package static func transposedEach(
        _ values: [Self], rows: Int, columns: Int
    ) -> [Self] {
        let each = rows * columns
        return values.indices.map { index in
            let (block, place) = index.quotientAndRemainder(dividingBy: each)
            return values[block * each + place % rows * columns + place / rows]
        }
    }

    package static func add(_ x: inout [Self], _ y: [Self]) {
        precondition(x.count == y.count)
        for index in x.indices { x[index] += y[index] }
    }

    package static func rectify(_ x: inout [Self]) {
        for index in x.indices where x[index] < 0 { x[index] = 0 }
    }

    package static func rectifyGradient(_ gradient: inout [Self], output: [Self]) {
        precondition(gradient.count == output.count)
        for index in gradient.indices where output[index] <= 0 { gradient[index] = 0 }
    }

    package static func moments(
        _ x: [Self], width: Int
    ) -> (means: [Double], variances: [Double]) {
        let share = Double(width) / Double(x.count)
        var means = [Double](repeating: 0, count: width)
        for index in x.indices { means[index % width] += Double(x[index]) }
        for column in 0..<width { means[column] *= share }
        var variances = [Double](repeating: 0, count: width)
        for index in x.indices {
            let difference = Double(x[index]) - means[index % width]
            variances[index % width] += difference * difference
        }
        return (means, variances.map { $0 * share })
    }

    package static func normalised(
        _ x: [Self], by norm: ColumnNormalisation<Self>
    ) -> [Self] {
        let width = norm.mean.count
        return x.indices.map { index in
            let column = index % width
            let standard = (x[index] - norm.mean[column]) * norm.inverseDeviation[column]
            return standard * norm.weight[column] + norm.bias[column]
        }
    }

    package static func normaliseGradient(
        _ gradient: inout [Self], input x: [Self], by norm: ColumnNormalisation<Self>
    ) -> (weight: [Self], bias: [Self]) {
        let width = norm.mean.count
        func standard(_ index: Int) -> Self {
            (x[index] - norm.mean[index % width]) * norm.inverseDeviation[index % width]
        }
        var sums = (weight: [Double](repeating: 0, count: width), bias: [Double](repeating: 0, count: width))
        for index in x.indices {
            sums.weight[index % width] += Double(gradient[index] * standard(index))
            sums.bias[index % width] += Double(gradient[index])
        }
        let (weight, bias) = (sums.weight.map { Self($0) }, sums.bias.map { Self($0) })
        let share = Self(width) / Self(x.count)
        for index in x.indices {
            let column = index % width
            let centred =
                gradient[index] - bias[column] * share - standard(index) * (weight[column] * share)
            gradient[index] = norm.weight[column] * norm.inverseDeviation[column] * centred
        }
        return (weight, bias)
    }

    package static func stretches(
        _ input: Activations<Self>, _ layer: Convolution
    ) -> [Self] {
        let (inputs, width) = (layer.inputs, layer.inputs * layer.taps)
        var result = [Self](
            repeating: 0, count: input.records * layer.positions(of: input.positions) * width)
        layer.forEachTap(records: input.records, inputPositions: input.positions) { row, source, tap in
            for channel in 0..<inputs {
                result[row * width + tap * inputs + channel] = input.values[source * inputs + channel]
            }
        }
        return result
    }

    package static func gathered(
        _ stretches: [Self], like input: Activations<Self>, _ layer: Convolution
    ) -> [Self] {
        let (inputs, width) = (layer.inputs, layer.inputs * layer.taps)
        var result = [Self](repeating: 0, count: input.values.count)
        layer.forEachTap(records: input.records, inputPositions: input.positions) { row, source, tap in
            for channel in 0..<inputs {
                result[source * inputs + channel] += stretches[row * width + tap * inputs + channel]
            }
        }
        return result
    }

    package static func update(
        _ values: inout [Self], gradient: [Self], first: inout [Self], second: inout [Self],
        by step: AdamStep
    ) {
        precondition(values.count == gradient.count && first.count == gradient.count)
        let (keep, take) = (Self(step.secondDecay), Self(1 - step.secondDecay))
        let (follow, rate) = (Self(1 - step.firstDecay), Self(step.rate))
        for index in values.indices {
            let slope = gradient[index]
            first[index] += follow * (slope - first[index])
            second[index] = second[index] * keep + take * slope * slope
            values[index] -=
                rate * first[index]
                / (second[index].squareRoot() / Self(step.correction) + Self(step.epsilon))
        }
    }
}

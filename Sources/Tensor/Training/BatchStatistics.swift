import CKernels

/// A batch normalisation in the course of a step: affine part, the batch's own statistics, and what its gradient needs.
@safe package struct BatchStatistics: Sendable {
    /// Rows of the memory: mean, 1 / sqrt(variance + epsilon), weight, bias, and the gradients of weight and bias divided
    /// by the rows of the batch.
    package static let rows = 6
    private let matrix: Matrix

    /// In memory `[rows, channels]`.
    package init(in matrix: Matrix) {
        precondition(matrix.rows == Self.rows)
        self.matrix = matrix
    }

    var width: Int { matrix.columns }
    private func row(_ row: Int) -> UnsafeMutablePointer<Float> { unsafe matrix.start + row * matrix.stride }
    var weightShares: UnsafePointer<Float> { unsafe UnsafePointer(row(4)) }
    var biasShares: UnsafePointer<Float> { unsafe UnsafePointer(row(5)) }

    var operand: firstlead_normalisation {
        unsafe firstlead_normalisation(
            mean: row(0), inverse_deviation: row(1), weight: row(2), bias: row(3))
    }

    /// Takes over the affine part.
    package func set(weight: [Float], bias: [Float]) {
        precondition(weight.count == width && bias.count == width)
        for channel in 0..<width {
            unsafe row(2)[channel] = weight[channel]
            unsafe row(3)[channel] = bias[channel]
        }
    }

    /// Mean and deviation from the sums of values and squares over `rows`; running mean and (unbiased) variance follow
    /// them by `momentum`, as PyTorch's do.
    package func set(
        from sums: ColumnSums, groups: Int, rows: Int, epsilon: Double, momentum: Float,
        runningMean: inout [Float], runningVariance: inout [Float]
    ) {
        precondition(rows > 1 && runningMean.count == width && runningVariance.count == width)
        let total = unsafe sums.total(groups: groups)
        let unbiased = Float(rows) / Float(rows - 1)
        for channel in 0..<width {
            let mean = unsafe total[channel] / Double(rows)
            // Float64 holds the squares exactly: of deviation / mean = 1e-4 eight decimals are left.
            let variance = max(0, unsafe total[width + channel] / Double(rows) - mean * mean)
            unsafe row(0)[channel] = Float(mean)
            unsafe row(1)[channel] = Float(1 / (variance + epsilon).squareRoot())
            runningMean[channel] += momentum * (Float(mean) - runningMean[channel])
            runningVariance[channel] += momentum * (Float(variance) * unbiased - runningVariance[channel])
        }
    }

    /// Gradients of weight and bias, from the sums of gradient times standardised value and of the gradient.
    package func setGradients(
        from sums: ColumnSums, groups: Int, rows: Int, weight: Matrix, bias: Matrix
    ) {
        precondition(weight.columns == width && bias.columns == width)
        let total = unsafe sums.total(groups: groups)
        let share = 1 / Float(rows)
        for channel in 0..<width {
            weight[0, channel] = Float(unsafe total[channel])
            bias[0, channel] = Float(unsafe total[width + channel])
            unsafe row(4)[channel] = weight[0, channel] * share
            unsafe row(5)[channel] = bias[0, channel] * share
        }
    }
}

/// What a convolution has given, and the statistics that standardise it.
package struct NormalisedRows: Sendable {
    package let rows: RecordRows
    package let statistics: BatchStatistics

    package init(_ rows: RecordRows, _ statistics: BatchStatistics) {
        precondition(rows.matrix.columns == statistics.width)
        self.rows = rows
        self.statistics = statistics
    }
}

/// How activations come about: max(0, normalised + around).
package struct Activation: Sendable {
    /// What is added to the normalised values.
    package enum Around: Sendable {
        case nothing
        case rows(RecordRows)
        case normalised(NormalisedRows)
    }

    let normalised: NormalisedRows
    let around: Around
    let output: RecordRows

    package init(_ normalised: NormalisedRows, around: Around = .nothing, to output: RecordRows) {
        precondition(normalised.rows.isLike(output))
        switch around {
        case .nothing: break
        case .rows(let rows): precondition(rows.isLike(output))
        case .normalised(let other): precondition(other.rows.isLike(output))
        }
        self.normalised = normalised
        self.around = around
        self.output = output
    }

    /// Of one record.
    func make(_ record: Int) {
        unsafe make(record, to: output.start(record))
        output.clearPadding(record)
    }

    /// Of the whole batch.
    package func run(on pool: WorkerPool) { pool.parallel(over: output.records, Making(activation: self)) }

    private struct Making: SharedWork {
        let activation: Activation

        func run(_ part: Range<Int>, worker: Int) {
            for record in part { activation.make(record) }
        }
    }

    /// To other memory, rows as far apart as those of the output.
    func make(_ record: Int, to output: UnsafeMutablePointer<Float>) {
        var operands = unsafe firstlead_activation()
        unsafe operands.x = UnsafePointer(normalised.rows.start(record))
        unsafe operands.norm = normalised.statistics.operand
        unsafe operands.stride = normalised.rows.matrix.stride
        unsafe operands.width = normalised.statistics.width
        switch around {
        case .nothing: break
        case .rows(let rows): unsafe operands.around = UnsafePointer(rows.start(record))
        case .normalised(let other):
            unsafe operands.around = UnsafePointer(other.rows.start(record))
            unsafe operands.around_norm = other.statistics.operand
        }
        unsafe firstlead_activate(&operands, normalised.rows.positions, output)
    }
}

import CKernels

/// Rectified activations of a batch, of which only the maxima of neighbouring positions are kept; and the way back.
package struct MaximaOfActivations: Sendable {
    private let activation: Activation
    private let pooled: RecordRows
    private let shape: firstlead_stretching
    private let scratch: WorkerScratch

    /// Floats that every worker needs.
    package static func scratchCount(positions: Int, channels: Int) -> Int { positions * channels }

    /// `[records, positions, channels]` normalised to `[records, positions', channels]`.
    package init(
        _ normalised: NormalisedRows, width: Int, stride: Int, padding: Int, to pooled: RecordRows,
        scratch: WorkerScratch
    ) {
        let rows = normalised.rows
        precondition(rows.padding == 0 && pooled.padding == 0 && pooled.records == rows.records)
        precondition(pooled.matrix.columns == rows.matrix.columns && width > padding && stride > 0)
        precondition((pooled.positions - 1) * stride + 1 <= rows.positions + padding)
        precondition(rows.matrix.stride == rows.matrix.columns && pooled.matrix.stride == rows.matrix.stride)
        activation = Activation(normalised, to: rows)
        self.pooled = pooled
        shape = firstlead_stretching(
            positions: rows.positions, channels: rows.matrix.columns, taps: width, stride: stride,
            padding: padding, outputs: pooled.positions)
        self.scratch = scratch
    }

    /// The maxima.
    package func run(on pool: WorkerPool) {
        precondition(scratch.holds(shape.positions * shape.channels, threads: pool.threads))
        pool.parallel(over: pooled.records, Forward(maxima: self))
    }

    /// The gradient of the maxima to that of the convolution's normalised output, which passes the rectifier on the way;
    /// returns the number of groups whose sums there are.
    package func runBackward(
        _ gradient: RecordRows, to output: RecordRows, sums: ColumnSums, on pool: WorkerPool
    ) -> Int {
        precondition(gradient.isLike(pooled) && output.isLike(activation.output) && output.padding == 0)
        precondition(scratch.holds(shape.positions * shape.channels, threads: pool.threads))
        let gate = GradientGate(activation.output, activation.normalised, sums: sums)
        pool.parallel(
            over: pooled.records, Backward(maxima: self, gradient: gradient, output: output, gate: gate))
        return pooled.records
    }

    private struct Forward: SharedWork {
        let maxima: MaximaOfActivations

        func run(_ part: Range<Int>, worker: Int) {
            let shape = maxima.shape
            let activated = unsafe maxima.scratch.part(worker)
            for record in part {
                unsafe maxima.activation.make(record, to: activated)
                let output = unsafe maxima.pooled.start(record)
                for place in 0..<shape.outputs {
                    let first = max(place * shape.stride - shape.padding, 0)
                    let last = min(place * shape.stride + shape.taps - shape.padding, shape.positions)
                    unsafe firstlead_max_columns(
                        activated + first * shape.channels, shape.channels, last - first, shape.channels,
                        output + place * shape.channels)
                }
            }
        }
    }

    private struct Backward: SharedWork {
        let maxima: MaximaOfActivations
        let gradient: RecordRows
        let output: RecordRows
        let gate: GradientGate

        func run(_ part: Range<Int>, worker: Int) {
            var shape = maxima.shape
            let activated = unsafe maxima.scratch.part(worker)
            for record in part {
                unsafe maxima.activation.make(record, to: activated)
                let slope = unsafe output.start(record)
                unsafe firstlead_gather_maxima(gradient.start(record), activated, &shape, slope)
                let sums = unsafe gate.sums.cleared(record)
                unsafe gate.pass(
                    slope, record: record, activated: activated, sums: sums, otherSums: nil)
            }
        }
    }
}

/// The mean of every channel over a record's positions, and the way back.
package struct MeansOfRecords: SharedWork {
    private let input: RecordRows
    private let means: Matrix

    /// `[records, positions, channels]` to `[records, channels]`.
    package init(of input: RecordRows, to means: Matrix) {
        precondition(means.rows == input.records && means.columns == input.matrix.columns)
        self.input = input
        self.means = means
    }

    package func run(on pool: WorkerPool) { pool.parallel(over: input.records, self) }

    func run(_ part: Range<Int>, worker: Int) {
        for record in part {
            unsafe firstlead_mean_columns(
                input.start(record), input.matrix.stride, input.positions, means.columns,
                means.start + record * means.stride)
        }
    }

    /// Makes the gradient of the means, `[records, channels]`, that of the input, which passes the gate; returns the
    /// number of groups whose sums there are.
    package func runBackward(
        _ slopes: Matrix, to output: RecordRows, gate: GradientGate, on pool: WorkerPool
    ) -> Int {
        precondition(output.isLike(input) && gate.activated.isLike(input) && output.padding == 0)
        precondition(slopes.rows == means.rows && slopes.columns == means.columns)
        pool.parallel(over: input.records, Backward(slopes: slopes, output: output, gate: gate))
        return input.records
    }

    private struct Backward: SharedWork {
        let slopes: Matrix
        let output: RecordRows
        let gate: GradientGate

        func run(_ part: Range<Int>, worker: Int) {
            for record in part {
                let start = unsafe output.start(record)
                let source = unsafe slopes.start + record * slopes.stride
                let share = 1 / Float(output.positions)
                for column in 0..<slopes.columns { unsafe start[column] = source[column] * share }
                for position in 1..<output.positions {
                    unsafe (start + position * output.matrix.stride).update(
                        from: start, count: slopes.columns)
                }
                let sums = unsafe gate.sums.cleared(record)
                let otherSums = unsafe gate.other?.sums.cleared(record)
                unsafe gate.pass(start, record: record, sums: sums, otherSums: otherSums)
            }
        }
    }
}

import CKernels

/// Normalisation of each row: biased variance, affine.
package struct LayerNorm: Sendable {
    package let width: Int
    private let weight: [Float]
    private let bias: [Float]
    private let epsilon: Float

    /// Reads `NAME.weight` and `NAME.bias`, `[width]` each.
    ///
    /// Throws: ``WeightError``.
    package init(
        _ name: String, width: Int, epsilon: Float = 1e-5, from source: some WeightSource
    ) throws(WeightError) {
        self.width = width
        self.epsilon = epsilon
        weight = try source.floats(name + ".weight", shape: [width])
        bias = try source.floats(name + ".bias", shape: [width])
    }

    /// `[rows, width]` to the same shape; `output` may be `input`.
    package func apply(_ input: Matrix, to output: Matrix, pool: WorkerPool) {
        pool.parallel(over: input.rows, unit: rowsAtOnce, Rows(self, input, output))
    }

    /// The same, and with it the sums that `next` takes of the output: it may then be applied with `isSummed`.
    package func apply(
        _ input: Matrix, to output: Matrix, before next: Projection, scratch: WorkerScratch, pool: WorkerPool
    ) {
        guard case .single(let layer) = next, layer.takesStrassen(rows: output.rows) else {
            apply(input, to: output, pool: pool)
            return
        }
        pool.parallel(
            over: output.rows / 2, unit: summedRowsAtOnce,
            unsafe BlockSums(
                product: layer.product(of: output, scratch: scratch),
                norm: Rows(self, input, output)))
    }

    struct Rows: SharedWork {
        let norm: LayerNorm
        let input: Matrix
        let output: Matrix

        init(_ norm: LayerNorm, _ input: Matrix, _ output: Matrix) {
            precondition(input.columns == norm.width && output.columns == norm.width)
            precondition(output.rows == input.rows)
            self.norm = norm
            self.input = input
            self.output = output
        }

        func run(_ rows: Range<Int>, worker: Int) {
            unsafe firstlead_layer_norm(
                input.start, input.stride, norm.width, norm.weight, norm.bias, norm.epsilon, output.start,
                output.stride, rows.lowerBound, rows.upperBound)
        }
    }
}

/// Normalisation of each channel over time, then GELU: a group norm with as many groups as channels.
package struct ChannelNorm: Sendable {
    package let channels: Int
    private let weight: [Float]
    private let bias: [Float]
    private let epsilon: Float

    /// Reads `NAME.weight` and `NAME.bias`, `[channels]` each.
    ///
    /// Throws: ``WeightError``.
    package init(
        _ name: String, channels: Int, epsilon: Float = 1e-5, from source: some WeightSource
    ) throws(WeightError) {
        self.channels = channels
        self.epsilon = epsilon
        weight = try source.floats(name + ".weight", shape: [channels])
        bias = try source.floats(name + ".bias", shape: [channels])
    }

    /// `[steps, channels]` in place.
    package func applyWithGELU(_ values: Matrix, pool: WorkerPool) {
        precondition(values.columns == channels)
        pool.parallel(over: channels, unit: panelColumns, Channels(norm: self, values: values))
    }

    private struct Channels: SharedWork {
        let norm: ChannelNorm
        let values: Matrix

        func run(_ channels: Range<Int>, worker: Int) {
            unsafe firstlead_channel_norm_gelu(
                values.start, values.stride, values.rows, norm.weight, norm.bias, norm.epsilon,
                channels.lowerBound, channels.upperBound)
        }
    }
}

extension Matrix {
    /// Sums down the columns of these rows, added to `sums`, row by row in float64; `nonzero` counts the values
    /// that are not 0. Both `[columns]`.
    package func addColumnSums(to sums: inout [Double], nonzero: inout [UInt32]) {
        precondition(sums.count == columns && nonzero.count == columns)
        unsafe firstlead_sum_columns(start, stride, rows, columns, &sums, &nonzero)
    }

    /// Makes the only row the mean of each column of another matrix over the values that are not 0, summed in float64
    /// from the first row on. Returns the first column that is 0 throughout, which has no such mean; nil if none is.
    package func setMeanOfNonzero(ofRows other: Matrix) -> Int? {
        precondition(rows == 1 && columns == other.columns && other.rows > 0)
        let column = unsafe firstlead_mean_nonzero_columns(
            other.start, other.stride, other.rows, columns, start)
        return column == columns ? nil : column
    }

    /// Makes the only row the mean of another matrix's rows, summed in float64 from the first row on.
    package func setMean(ofRows other: Matrix, pool: WorkerPool) {
        precondition(rows == 1 && columns == other.columns && other.rows > 0)
        pool.parallel(over: columns, unit: panelColumns, MeanOfColumns(values: other, mean: self))
    }

    private struct MeanOfColumns: SharedWork {
        let values: Matrix
        let mean: Matrix

        func run(_ columns: Range<Int>, worker: Int) {
            unsafe firstlead_mean_columns(
                values.start + columns.lowerBound, values.stride, values.rows, columns.count,
                mean.start + columns.lowerBound)
        }
    }
}

/// A linear layer of a transformer's block, in the arithmetic that the network was loaded with.
package enum Projection: Sendable {
    case single(Linear)
    case integer(IntegerLinear)

    /// Reads `NAME.weight` `[outputs, inputs]` and `NAME.bias` `[outputs]`. `rows` is how many it will most often be
    /// applied to.
    ///
    /// Throws: ``WeightError``.
    package init(
        _ name: String, inputs: Int, outputs: Int, rows: Int, precision: Precision,
        from source: some WeightSource
    ) throws(WeightError) {
        try self.init(
            stacking: [name], inputs: inputs, outputsEach: outputs, rows: rows, precision: precision,
            from: source)
    }

    /// One layer whose outputs are those of several, in this order: each `NAME.weight` `[outputsEach, inputs]` and
    /// `NAME.bias`.
    ///
    /// Throws: ``WeightError``.
    package init(
        stacking names: [String], inputs: Int, outputsEach: Int, rows: Int, precision: Precision,
        from source: some WeightSource
    ) throws(WeightError) {
        switch precision {
        case .fp32:
            self = .single(
                try Linear(
                    stacking: names, inputs: inputs, outputsEach: outputsEach, rows: rows, from: source))
        case .int16:
            self = .integer(
                try IntegerLinear(stacking: names, inputs: inputs, outputsEach: outputsEach, from: source))
        }
    }

    /// `[rows, inputs]` to `[rows, outputs]`: product, bias, then GELU if asked, then the residual if given.
    ///
    /// `output` must share no memory with `input` and `residual`. `isSummed` says that a norm has made the sums of the
    /// input (``LayerNorm/apply(_:to:before:scratch:pool:)``).
    package func apply(
        _ input: Matrix, to output: Matrix, gelu: Bool = false, residual: Matrix? = nil,
        isSummed: Bool = false,
        scratch: WorkerScratch, pool: WorkerPool
    ) {
        switch self {
        case .single(let layer):
            layer.apply(
                input, to: output, gelu: gelu, residual: residual, isSummed: isSummed, scratch: scratch,
                pool: pool)
        case .integer(let layer):
            layer.apply(input, to: output, gelu: gelu, residual: residual, scratch: scratch, pool: pool)
        }
    }
}

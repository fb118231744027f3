import CKernels

/// `y = x W^T + b` with the weights packed once for the kernel.
@safe package final class Linear: Sendable {
    /// Columns of what it takes.
    package let inputs: Int
    /// Columns of what it gives.
    package let outputs: Int
    private let weights: AlignedStorage
    /// Whether they are in the form that Strassen's scheme reads.
    private let isFolded: Bool
    private let bias: AlignedStorage?

    /// Takes `[outputs, inputs]` weights, row-major, and `[outputs]` biases. `rows` is how many it will most often be
    /// applied to: with enough of them weights are folded for Strassen's scheme.
    package convenience init(weights matrix: Matrix, bias values: [Float]?, rows: Int = 0) {
        precondition(matrix.stride == matrix.columns && (values?.count ?? matrix.rows) == matrix.rows)
        let weights = AlignedStorage(longLived: firstlead_packed_weights_count(matrix.rows, matrix.columns))
        unsafe firstlead_pack_weights(matrix.start, matrix.rows, matrix.columns, weights.start)
        self.init(packed: weights, bias: values, inputs: matrix.columns, outputs: matrix.rows, rows: rows)
    }

    private init(packed: AlignedStorage, bias values: [Float]?, inputs: Int, outputs: Int, rows: Int) {
        self.inputs = inputs
        self.outputs = outputs
        weights = packed
        isFolded = firstlead_uses_strassen(rows, outputs, inputs) != 0
        if isFolded { unsafe firstlead_fold_weights(packed.start, outputs, inputs) }
        bias = values.map { values in
            let storage = AlignedStorage(count: values.count)
            for (index, value) in values.enumerated() { unsafe storage.start[index] = value }
            return storage
        }
    }

    /// Reads `NAME.weight` `[outputs, inputs]` and `NAME.bias` `[outputs]`.
    ///
    /// Throws: ``WeightError``.
    package convenience init(
        _ name: String, inputs: Int, outputs: Int, rows: Int = 0, from source: some WeightSource
    ) throws(WeightError) {
        try self.init(stacking: [name], inputs: inputs, outputsEach: outputs, rows: rows, from: source)
    }

    /// One layer whose outputs are those of several, in this order: each `NAME.weight` `[outputsEach, inputs]` and
    /// `NAME.bias`.
    ///
    /// Throws: ``WeightError``.
    package convenience init(
        stacking names: [String], inputs: Int, outputsEach: Int, rows: Int = 0, from source: some WeightSource
    ) throws(WeightError) {
        guard names.count == 1 || outputsEach.isMultiple(of: panelColumns) else {
            try self.init(copying: names, inputs: inputs, outputsEach: outputsEach, rows: rows, from: source)
            return
        }
        // Whole panels: each part is packed from where it lies to where it belongs.
        let outputs = names.count * outputsEach
        let packed = AlignedStorage(longLived: firstlead_packed_weights_count(outputs, inputs))
        var bias: [Float] = []
        for (index, name) in names.enumerated() {
            let place = unsafe packed.start + index * outputsEach * inputs
            try unsafe source.withTensor(name + ".weight", shape: [outputsEach, inputs]) { values in
                if let values = values.baseAddress {
                    unsafe firstlead_pack_weights(values, outputsEach, inputs, place)
                }
            }
            bias += try source.floats(name + ".bias", shape: [outputsEach])
        }
        self.init(packed: packed, bias: bias, inputs: inputs, outputs: outputs, rows: rows)
    }

    /// The same for parts that end within a panel: copied below each other first.
    private convenience init(
        copying names: [String], inputs: Int, outputsEach: Int, rows: Int, from source: some WeightSource
    ) throws(WeightError) {
        let stacked = Matrix(rows: names.count * outputsEach, columns: inputs)
        var bias: [Float] = []
        for (index, name) in names.enumerated() {
            let part = stacked.rows(index * outputsEach..<(index + 1) * outputsEach)
            try unsafe source.withTensor(name + ".weight", shape: [outputsEach, inputs]) { values in
                if let values = values.baseAddress {
                    unsafe part.start.update(from: values, count: outputsEach * inputs)
                }
            }
            bias += try source.floats(name + ".bias", shape: [outputsEach])
        }
        self.init(weights: stacked, bias: bias, rows: rows)
    }

    /// `[rows, inputs]` to `[rows, outputs]`: product, bias, then GELU if asked, then the residual if given, then the
    /// rectifier if asked.
    ///
    /// `output` must share no memory with `input` and `residual`. Large products of folded weights take Strassen's
    /// scheme: seven products of halves for eight, and sums; `isSummed` says that those of `input` are in the scratch
    /// memory already (``LayerNorm/apply(_:to:before:scratch:pool:)``).
    package func apply(
        _ input: Matrix, to output: Matrix, gelu: Bool = false, residual: Matrix? = nil,
        relu: Bool = false, isSummed: Bool = false, scratch: WorkerScratch, pool: WorkerPool
    ) {
        precondition(output.columns == outputs && output.rows == input.rows)
        if let residual { precondition(residual.rows == input.rows && residual.columns == outputs) }
        var product = unsafe product(of: input, scratch: scratch)
        unsafe product.epilogue = epilogue(bias: bias, gelu: gelu, residual: residual)
        unsafe product.output = output.start
        unsafe product.output_stride = output.stride
        unsafe product.relu = relu ? 1 : 0
        unsafe SharedProduct(product, scratch: scratch).run(on: pool, isSummed: isSummed)
    }

    /// Whether so many rows take Strassen's scheme.
    func takesStrassen(rows: Int) -> Bool {
        isFolded && firstlead_uses_strassen(rows, outputs, inputs) != 0
    }

    /// What the sums of its input depend on.
    func product(of input: Matrix, scratch: WorkerScratch) -> firstlead_product {
        precondition(input.columns == inputs)
        precondition(!isFolded || firstlead_sums_count(input.rows, outputs, inputs) <= scratch.sumsCount)
        var product = unsafe firstlead_product()
        unsafe product.input = UnsafePointer(input.start)
        unsafe product.input_stride = input.stride
        unsafe product.m = input.rows
        unsafe product.k = inputs
        unsafe product.weights = UnsafePointer(weights.start)
        unsafe product.n = outputs
        unsafe product.folded = isFolded ? 1 : 0
        unsafe product.sums = scratch.sums
        return unsafe product
    }
}

/// Rows that a thread takes at least where it works row by row: fewer are not worth the taking.
let rowsAtOnce = 8

let panelColumns = Int(FIRSTLEAD_PANEL_COLUMNS)

let groupPanels = Int(FIRSTLEAD_GROUP_PANELS)

func epilogue(bias: AlignedStorage?, gelu: Bool, residual: Matrix?) -> firstlead_epilogue {
    var epilogue = unsafe firstlead_epilogue()
    unsafe epilogue.bias = bias.map { unsafe UnsafePointer($0.start) }
    unsafe epilogue.gelu = gelu ? 1 : 0
    unsafe epilogue.residual = residual.map { unsafe UnsafePointer($0.start) }
    unsafe epilogue.residual_stride = residual?.stride ?? 0
    return unsafe epilogue
}

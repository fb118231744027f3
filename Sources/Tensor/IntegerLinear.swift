import CKernels

/// `y = x W^T + b` with products of 16-bit integers: half the memory of ``Linear`` and two multiplications an
/// instruction.
///
/// Weights are rounded once, activations at each call, in blocks of 384 whose scale their Euclidean norm sets: some 13
/// bits each. The relative error of a product is about 2e-4.
@safe package final class IntegerLinear: Sendable {
    /// Columns of what it takes.
    package let inputs: Int
    /// Columns of what it gives.
    package let outputs: Int
    private let weights: AlignedStorage
    private let scales: AlignedStorage
    private let bias: AlignedStorage

    /// Takes `[outputs, inputs]` weights, row-major, and `[outputs]` biases.
    package convenience init(weights matrix: Matrix, bias: [Float]) {
        precondition(matrix.stride == matrix.columns && bias.count == matrix.rows)
        self.init(inputs: matrix.columns, outputs: matrix.rows, bias: bias)
        unsafe pack(matrix.start, rows: matrix.rows, firstOutput: 0)
    }

    /// Weights that are all zero, to be filled by ``pack(_:rows:firstOutput:)``.
    private init(inputs: Int, outputs: Int, bias values: [Float]) {
        self.inputs = inputs
        self.outputs = outputs
        weights = AlignedStorage(
            longLived: floats(ofIntegers: firstlead_int16_weights_count(outputs, inputs)))
        scales = AlignedStorage(longLived: firstlead_int16_weight_scales_count(outputs, inputs))
        bias = AlignedStorage(count: values.count)
        for (index, value) in values.enumerated() { unsafe bias.start[index] = value }
    }

    /// One layer whose outputs are those of several, in this order: each `NAME.weight` `[outputsEach, inputs]` and
    /// `NAME.bias`. Whole panels are rounded and packed straight from where the weights lie.
    ///
    /// Throws: ``WeightError``.
    package convenience init(
        stacking names: [String], inputs: Int, outputsEach: Int, from source: some WeightSource
    ) throws(WeightError) {
        let outputs = names.count * outputsEach
        var bias: [Float] = []
        for name in names { bias += try source.floats(name + ".bias", shape: [outputsEach]) }
        guard names.count == 1 || outputsEach.isMultiple(of: panelColumns) else {
            let matrix = Matrix(rows: outputs, columns: inputs)
            var values: [Float] = []
            for name in names { values += try source.floats(name + ".weight", shape: [outputsEach, inputs]) }
            matrix.copy(values)
            self.init(weights: matrix, bias: bias)
            return
        }
        self.init(inputs: inputs, outputs: outputs, bias: bias)
        for (index, name) in names.enumerated() {
            try unsafe source.withTensor(name + ".weight", shape: [outputsEach, inputs]) { values in
                guard let start = values.baseAddress else { return }
                unsafe pack(start, rows: outputsEach, firstOutput: index * outputsEach)
            }
        }
    }

    private func pack(_ values: UnsafePointer<Float>, rows: Int, firstOutput: Int) {
        let integers = unsafe weights.integers + firstlead_int16_weights_count(firstOutput, inputs)
        let places = unsafe scales.start + firstlead_int16_weight_scales_count(firstOutput, inputs)
        unsafe firstlead_int16_pack_weights(values, rows, inputs, integers, places)
    }

    /// `[rows, inputs]` to `[rows, outputs]`: product, bias, then GELU if asked, then the residual if given.
    ///
    /// `output` must share no memory with `input` and `residual`.
    package func apply(
        _ input: Matrix, to output: Matrix, gelu: Bool = false, residual: Matrix? = nil,
        scratch: WorkerScratch, pool: WorkerPool
    ) {
        let rows = input.rows
        precondition(input.columns == inputs && output.columns == outputs && output.rows == rows)
        precondition(scratch.holds(firstlead_int16_scratch_count(), threads: pool.threads))
        precondition(scratch.holdsIntegers(rows: rows, inputs: inputs))
        if let residual { precondition(residual.rows == rows && residual.columns == outputs) }
        var product = unsafe firstlead_int16_product()
        unsafe product.input = UnsafePointer(input.start)
        unsafe product.input_stride = input.stride
        unsafe product.m = rows
        unsafe product.k = inputs
        unsafe product.rows = scratch.integers
        unsafe product.row_scales = scratch.integerScales
        unsafe product.weights = UnsafePointer(weights.integers)
        unsafe product.weight_scales = UnsafePointer(scales.start)
        unsafe product.n = outputs
        unsafe product.epilogue = epilogue(bias: bias, gelu: gelu, residual: residual)
        unsafe product.output = output.start
        unsafe product.output_stride = output.stride
        unsafe withUnsafePointer(to: product) { product in
            pool.parallel(over: firstlead_int16_row_panels(rows)) { _, panels in
                unsafe firstlead_int16_quantise(product, panels.lowerBound, panels.upperBound)
            }
            pool.parallel(over: firstlead_int16_panels(outputs), unit: firstlead_int16_panel_unit()) {
                worker, panels in
                unsafe firstlead_int16_matmul(
                    product, panels.lowerBound, panels.upperBound, scratch.part(worker))
            }
        }
    }
}

/// Floats that take as much memory as so many 16-bit integers.
func floats(ofIntegers count: Int) -> Int { (count + 1) / 2 }

extension AlignedStorage {
    /// The same memory as 16-bit integers; only C reads and writes it as such.
    var integers: UnsafeMutablePointer<Int16> {
        unsafe UnsafeMutableRawPointer(start).assumingMemoryBound(to: Int16.self)
    }
}

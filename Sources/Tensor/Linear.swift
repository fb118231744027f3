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

/// A product by its column panels.
@safe struct SharedProduct: SharedWork {
    let product: firstlead_product
    let scratch: WorkerScratch

    init(_ product: firstlead_product, scratch: WorkerScratch) {
        unsafe self.product = unsafe product
        self.scratch = scratch
    }

    /// The whole product, with the sums of its input unless they are there already.
    func run(on pool: WorkerPool, isSummed: Bool) {
        precondition(scratch.holds(firstlead_product_scratch_count(), threads: pool.threads))
        let (rows, panels) = unsafe withUnsafePointer(to: product) { product in
            unsafe (firstlead_sums_rows(product), firstlead_product_panels(product))
        }
        if !isSummed {
            pool.parallel(
                over: rows, unit: summedRowsAtOnce, unsafe BlockSums(product: product, norm: nil))
        }
        if let parts = RowsOfProduct(self, threads: pool.threads, rows: rows, panels: panels) {
            pool.parallel(over: parts.count, parts)
        } else {
            pool.parallel(over: panels, unit: groupPanels, self)
        }
    }

    func run(_ panels: Range<Int>, worker: Int) {
        unsafe withUnsafePointer(to: product) {
            unsafe firstlead_matmul($0, panels.lowerBound, panels.upperBound, scratch.part(worker))
        }
    }

    /// Some row panels of either half, with Strassen's scheme.
    func run(_ panels: Range<Int>, rowPanels: Range<Int>, worker: Int) {
        var product = unsafe product
        unsafe product.top = rowPanels.lowerBound
        unsafe product.bottom = rowPanels.upperBound
        unsafe firstlead_matmul(&product, panels.lowerBound, panels.upperBound, scratch.part(worker))
    }
}

/// A product that takes Strassen's scheme, by rows: a thread reads the activations that it has written itself, half as
/// many as it would of all rows, and L2 holds them. Every thread reads all weights and makes their sums, which costs
/// less as long as there are rows enough.
struct RowsOfProduct: SharedWork {
    /// Row panels that each thread has at least.
    private static let leastPanels = 6

    let product: SharedProduct
    let threads: Int
    /// Row panels of either half.
    let rowPanels: Int
    /// Groups of columns.
    let groups: Int

    /// Nil where threads would have too few of the upper half's `rows`.
    init?(_ product: SharedProduct, threads: Int, rows: Int, panels: Int) {
        rowPanels = rows / 12
        guard threads > 1, rowPanels / threads >= Self.leastPanels else { return nil }
        self.product = product
        self.threads = threads
        groups = panels / groupPanels
    }

    /// Each thread's rows of every group, thread by thread.
    var count: Int { threads * groups }

    func run(_ parts: Range<Int>, worker: Int) {
        for part in parts {
            let (thread, group) = part.quotientAndRemainder(dividingBy: groups)
            product.run(
                group * groupPanels..<(group + 1) * groupPanels,
                rowPanels: firstPanel(of: thread, group: group)..<firstPanel(of: thread + 1, group: group),
                worker: worker)
        }
    }

    /// Where panels do not divide evenly, threads have those between them by turns, group by group.
    private func firstPanel(of thread: Int, group: Int) -> Int {
        (rowPanels * thread + group % threads) / threads
    }
}

/// The sums of a product's input, by rows of the upper half; where there is a norm, it makes the input first.
@safe struct BlockSums: SharedWork {
    let product: firstlead_product
    let norm: LayerNorm.Rows?

    init(product: firstlead_product, norm: LayerNorm.Rows?) {
        unsafe self.product = unsafe product
        self.norm = norm
    }

    func run(_ rows: Range<Int>, worker: Int) {
        guard let norm else { return sum(rows) }
        // Row by row, while they are in the nearest cache.
        for row in rows {
            let lower = unsafe row + product.m / 2
            norm.run(row..<row + 1, worker: worker)
            norm.run(lower..<lower + 1, worker: worker)
            sum(row..<row + 1)
        }
    }

    private func sum(_ rows: Range<Int>) {
        unsafe withUnsafePointer(to: product) {
            unsafe firstlead_sum_blocks($0, rows.lowerBound, rows.upperBound)
        }
    }
}

/// Rows of either half that a thread takes at least where sums are made: a row of 3,072 values takes microseconds.
let summedRowsAtOnce = 2

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

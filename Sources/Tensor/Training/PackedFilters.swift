import CKernels

/// A convolution's weights, packed for one product of a step.
@safe package struct PackedFilters: Sendable {
    /// Of the weights, `[outputs, inputs, taps]` as PyTorch stores them.
    package struct Shape: Sendable {
        package let outputs: Int
        package let inputs: Int
        package let taps: Int

        package init(outputs: Int, inputs: Int, taps: Int) {
            precondition(outputs > 0 && inputs > 0 && taps > 0)
            self.outputs = outputs
            self.inputs = inputs
            self.taps = taps
        }

        /// Floats of the memory that either product needs.
        package var packedCount: Int {
            max(
                firstlead_packed_weights_count(outputs, inputs * taps),
                firstlead_packed_weights_count(inputs * taps, outputs))
        }
    }

    /// Which product.
    package enum Direction: Sendable {
        /// Inner index tap by tap, input by input; columns are the outputs.
        case forward
        /// The transpose of that, for the gradient of the input.
        case backward
    }

    let shape: Shape
    let direction: Direction
    private let matrix: Matrix
    var start: UnsafePointer<Float> { unsafe UnsafePointer(matrix.start) }

    /// Columns of the product.
    var columns: Int { direction == .forward ? shape.outputs : shape.inputs * shape.taps }
    /// Length of its inner index.
    var inner: Int { direction == .forward ? shape.inputs * shape.taps : shape.outputs }

    /// Packs weights into memory of ``Shape/packedCount`` floats, of which they are until it is used again.
    package init(
        _ weights: [Float], _ shape: Shape, _ direction: Direction, in matrix: Matrix, pool: WorkerPool
    ) {
        precondition(weights.count == shape.outputs * shape.inputs * shape.taps)
        precondition(matrix.stride == matrix.columns && matrix.rows * matrix.columns >= shape.packedCount)
        self.shape = shape
        self.direction = direction
        self.matrix = matrix
        unsafe weights.withUnsafeBufferPointer { weights in
            guard let source = weights.baseAddress else { return }
            let packing = unsafe Packing(source: source, filters: self)
            pool.parallel(over: (columns + panelColumns - 1) / panelColumns, packing)
        }
    }

    @safe private struct Packing: SharedWork {
        let source: UnsafePointer<Float>
        let filters: PackedFilters

        func run(_ panels: Range<Int>, worker: Int) {
            let shape = filters.shape
            var operand = firstlead_filters(outputs: shape.outputs, inputs: shape.inputs, taps: shape.taps)
            switch filters.direction {
            case .forward:
                unsafe firstlead_pack_filters(
                    source, &operand, panels.lowerBound, panels.upperBound, filters.matrix.start)
            case .backward:
                unsafe firstlead_pack_filters_backward(
                    source, &operand, panels.lowerBound, panels.upperBound, filters.matrix.start)
            }
        }
    }

    /// `[rows, inner]` to `[rows, columns]`, in the caller's thread: rows may overlap, and `adding` may be the output.
    func multiply(
        _ input: UnsafePointer<Float>, stride: Int, rows: Int, adding: UnsafePointer<Float>? = nil,
        to output: UnsafeMutablePointer<Float>, outputStride: Int, scratch: UnsafeMutablePointer<Float>
    ) {
        var product = unsafe firstlead_product()
        unsafe product.input = unsafe input
        unsafe product.input_stride = stride
        unsafe product.m = rows
        unsafe product.k = inner
        unsafe product.weights = start
        unsafe product.n = columns
        unsafe product.epilogue.residual = unsafe adding
        unsafe product.epilogue.residual_stride = outputStride
        unsafe product.output = unsafe output
        unsafe product.output_stride = outputStride
        unsafe firstlead_matmul(&product, 0, (columns + panelColumns - 1) / panelColumns, scratch)
    }
}

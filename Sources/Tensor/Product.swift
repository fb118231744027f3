import CKernels

/// The right factor of a product, packed for the kernel: for factors that change at every step of training.
///
/// What does not change is a ``Linear``, which keeps its weights side by side with other models'.
@safe package struct PackedFactor: Sendable {
    /// Length of the inner index.
    package let inner: Int
    /// Columns of the product.
    package let outputs: Int
    private let packed: AlignedStorage

    /// Takes `[outputs, inner]`, row-major: the product is `x W^T`.
    package init(rows values: [Float], outputs: Int, inner: Int) {
        precondition(values.count == outputs * inner)
        self.init(outputs: outputs, inner: inner)
        unsafe firstlead_pack_weights(values, outputs, inner, packed.start)
    }

    /// Takes `[inner, outputs]`, row-major: the product is `x W`.
    package init(columns values: [Float], outputs: Int, inner: Int, pool: WorkerPool = .single) {
        precondition(values.count == outputs * inner)
        self.init(outputs: outputs, inner: inner)
        let place = unsafe packed.start
        unsafe values.withUnsafeBufferPointer { values in
            guard let source = values.baseAddress else { return }
            pool.parallel(over: inner, unit: 64) { _, rows in
                for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 64) {
                    unsafe firstlead_pack_rows(
                        source, inner, outputs, first, min(first + 64, rows.upperBound), place)
                }
            }
        }
    }

    private init(outputs: Int, inner: Int) {
        self.inner = inner
        self.outputs = outputs
        // Only a last panel that is not full has columns that nobody writes.
        let count = firstlead_packed_weights_count(outputs, inner)
        packed =
            outputs.isMultiple(of: panelColumns)
            ? AlignedStorage(uninitialised: count) : AlignedStorage(count: count)
    }

    /// `[rows, inner]` to `[rows, outputs]`, every element summed from inner index 0 upward (in the fixed order of one
    /// Strassen level where the shape is large): equal bits on any number of threads.
    package func multiply(_ left: [Float], rows: Int, pool: WorkerPool) -> [Float] {
        precondition(left.count == rows * inner)
        let scratch = WorkerScratch(threads: pool.threads, products: [(rows, outputs, inner)])
        return unsafe [Float](unsafeUninitializedCapacity: rows * outputs) { output, filled in
            filled = rows * outputs
            unsafe left.withUnsafeBufferPointer { left in
                var product = unsafe firstlead_product()
                unsafe product.input = left.baseAddress
                unsafe product.input_stride = inner
                unsafe product.m = rows
                unsafe product.k = inner
                unsafe product.weights = UnsafePointer(packed.start)
                unsafe product.n = outputs
                unsafe product.sums = scratch.sums
                unsafe product.output = output.baseAddress
                unsafe product.output_stride = outputs
                let work = unsafe SharedProduct(product, scratch: scratch)
                work.run(on: pool)
            }
        }
    }
}

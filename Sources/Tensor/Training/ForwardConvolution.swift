import CKernels

/// A convolution of a whole batch in training: its input's activations, its output, and the sums that the normalisation
/// behind it needs, group by group while they are in the cache.
@safe package struct ForwardConvolution: SharedWork {
    private let activation: Activation?
    private let input: RecordRows
    private let filters: PackedFilters
    private let step: Int
    private let output: RecordRows
    private let sums: ColumnSums
    private let scratch: WorkerScratch
    private let groups: RecordGroups

    /// `[records, positions, inputs]` to `[records, positions', outputs]`; what `activation` gives is the input, unless
    /// that is there already.
    package init(
        _ input: RecordRows, making activation: Activation? = nil, filters: PackedFilters, stride: Int,
        to output: RecordRows, sums: ColumnSums, scratch: WorkerScratch
    ) {
        let taps = filters.shape.taps
        precondition(filters.direction == .forward && output.padding == 0 && output.records == input.records)
        precondition(input.matrix.columns == filters.shape.inputs && output.matrix.columns == filters.columns)
        precondition((output.positions - 1) * stride + taps <= input.positions + 2 * input.padding)
        precondition(taps == 1 || input.matrix.stride == input.matrix.columns)
        self.activation = activation
        self.input = input
        self.filters = filters
        step = stride
        self.output = output
        self.sums = sums
        self.scratch = scratch
        groups = RecordGroups(records: input.records, positions: input.positions)
    }

    /// Returns the number of groups whose sums there are: of the values, then of their squares.
    package func run(on pool: WorkerPool) -> Int {
        precondition(scratch.holds(firstlead_product_scratch_count(), threads: pool.threads))
        pool.parallel(over: groups.count, self)
        return groups.count
    }

    func run(_ part: Range<Int>, worker: Int) {
        for group in part {
            let records = groups[group]
            if let activation { for record in records { activation.make(record) } }
            multiply(records, worker: worker)
            let (start, width) = (unsafe output.start(records.lowerBound), filters.columns)
            let sums = unsafe sums.cleared(group)
            unsafe firstlead_add_moments(
                start, output.matrix.stride, records.count * output.positions, width, sums, sums + width)
        }
    }

    /// Where each position is one row of the product, all of them are one product.
    private func multiply(_ records: Range<Int>, worker: Int) {
        let isFlat = filters.shape.taps == 1 && step == 1 && input.padding == 0
        for record in isFlat ? records.lowerBound..<records.lowerBound + 1 : records {
            unsafe filters.multiply(
                input.start(record, padded: true), stride: step * input.matrix.stride,
                rows: isFlat ? records.count * output.positions : output.positions, to: output.start(record),
                outputStride: output.matrix.stride, scratch: scratch.part(worker))
        }
    }
}

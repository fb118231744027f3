import CKernels

/// What a gradient meets behind a convolution on its way back: a rectifier, and the sums that the gradients of one or two
/// normalisations need.
package struct GradientGate: Sendable {
    let activated: RecordRows
    let normalised: NormalisedRows
    let sums: ColumnSums
    let other: (normalised: NormalisedRows, sums: ColumnSums)?

    /// `activated` is what the rectifier gave. `other` is a second normalisation whose output was added before it.
    package init(
        _ activated: RecordRows, _ normalised: NormalisedRows, sums: ColumnSums,
        other: (normalised: NormalisedRows, sums: ColumnSums)? = nil
    ) {
        precondition(normalised.rows.isLike(activated))
        self.activated = activated
        self.normalised = normalised
        self.sums = sums
        self.other = other
    }

    /// Of one record's gradient, in place; adds to the sums, `[2, channels]`.
    func pass(
        _ gradient: UnsafeMutablePointer<Float>, record: Int, activated: UnsafePointer<Float>? = nil,
        sums: UnsafeMutablePointer<Double>, otherSums: UnsafeMutablePointer<Double>?
    ) {
        let rows = normalised.rows
        let (stride, width) = (rows.matrix.stride, rows.matrix.columns)
        let values = unsafe activated ?? UnsafePointer(self.activated.start(record))
        unsafe firstlead_rectify_gradient(gradient, values, stride, rows.positions, width)
        var norm = unsafe normalised.statistics.operand
        unsafe firstlead_normalise_sums(
            gradient, rows.start(record), stride, rows.positions, width, &norm, sums, sums + width)
        guard let other, let otherSums = unsafe otherSums else { return }
        unsafe norm = other.normalised.statistics.operand
        unsafe firstlead_normalise_sums(
            gradient, other.normalised.rows.start(record), stride, rows.positions, width, &norm, otherSums,
            otherSums + width)
    }
}

/// A convolution and the normalisation behind it on the way back, group by group: the gradient of what the convolution
/// gave takes its place, and its product with the weights is the gradient of the input.
@safe package struct BackwardConvolution: SharedWork {
    /// What is added to the gradient of the input.
    package enum Addition: Sendable {
        case nothing
        case rows(RecordRows)
        /// What is there already.
        case output

        fileprivate var isNothing: Bool { if case .nothing = self { true } else { false } }
    }

    private let gradient: RecordRows
    private let normalised: NormalisedRows
    private let filters: PackedFilters?
    private let step: Int
    private let padding: Int
    private let output: RecordRows
    private let addition: Addition
    private let gate: GradientGate?
    private let scratch: WorkerScratch
    private let groups: RecordGroups

    /// Floats that every worker needs.
    package static func scratchCount(positions: Int, filters: PackedFilters.Shape) -> Int {
        firstlead_product_scratch_count() + (filters.taps > 1 ? positions * filters.taps * filters.inputs : 0)
    }

    /// `gradient` is that of the normalised values, to `output`, that of the input, which then passes the gate. Without
    /// filters the gradient of the input is not wanted.
    package init(
        _ gradient: RecordRows, _ normalised: NormalisedRows, filters: PackedFilters?, stride: Int,
        padding: Int,
        to output: RecordRows, adding addition: Addition = .nothing, gate: GradientGate? = nil,
        scratch: WorkerScratch
    ) {
        precondition(gradient.isLike(normalised.rows) && gradient.padding == 0 && output.padding == 0)
        if let filters {
            precondition(filters.direction == .backward && filters.inner == gradient.matrix.columns)
            precondition(output.matrix.columns == filters.shape.inputs && output.records == gradient.records)
        }
        precondition(stride == 1 || addition.isNothing)
        if let gate { precondition(gate.activated.isLike(output)) }
        if case .rows(let rows) = addition { precondition(rows.isLike(output)) }
        self.gradient = gradient
        self.normalised = normalised
        self.filters = filters
        step = stride
        self.padding = padding
        self.output = output
        self.addition = addition
        self.gate = gate
        self.scratch = scratch
        groups = RecordGroups(records: gradient.records, positions: gradient.positions)
    }

    /// Returns the number of groups whose sums the gate has.
    package func run(on pool: WorkerPool) -> Int {
        if let shape = filters?.shape {
            let count = Self.scratchCount(positions: gradient.positions, filters: shape)
            precondition(scratch.holds(count, threads: pool.threads))
        }
        pool.parallel(over: groups.count, self)
        return groups.count
    }

    func run(_ part: Range<Int>, worker: Int) {
        for group in part {
            let records = groups[group]
            unnormalise(records)
            guard let filters else { continue }
            multiply(records, filters, worker: worker)
            guard let gate else { continue }
            let sums = unsafe gate.sums.cleared(group)
            let otherSums = unsafe gate.other?.sums.cleared(group)
            for record in records {
                unsafe gate.pass(output.start(record), record: record, sums: sums, otherSums: otherSums)
            }
        }
    }

    private func unnormalise(_ records: Range<Int>) {
        let (rows, statistics) = (normalised.rows, normalised.statistics)
        var norm = unsafe statistics.operand
        unsafe firstlead_normalise_gradient(
            gradient.start(records.lowerBound), rows.start(records.lowerBound), rows.matrix.stride,
            records.count * rows.positions, rows.matrix.columns, &norm, statistics.weightShares,
            statistics.biasShares)
    }

    private func multiply(_ records: Range<Int>, _ filters: PackedFilters, worker: Int) {
        let slopes = normalised.rows
        let isFlat = filters.shape.taps == 1 && step == 1
        for record in isFlat ? records.lowerBound..<records.lowerBound + 1 : records {
            guard filters.shape.taps == 1 else {
                gather(record, filters, worker: worker)
                continue
            }
            let target = unsafe output.start(record)
            if step > 1 {
                // The positions between those that the convolution has seen.
                precondition(padding == 0)
                output.record(record).clear(0..<output.positions)
            }
            let added: UnsafePointer<Float>? =
                switch addition {
                case .nothing: nil
                case .rows(let rows): unsafe UnsafePointer(rows.start(record))
                case .output: unsafe UnsafePointer(target)
                }
            unsafe filters.multiply(
                slopes.start(record), stride: slopes.matrix.stride,
                rows: isFlat ? records.count * slopes.positions : slopes.positions, adding: added, to: target,
                outputStride: step * output.matrix.stride, scratch: scratch.part(worker))
        }
    }

    /// Several taps: the gradient for all that each position has seen, then the sum for each value of the input.
    private func gather(_ record: Int, _ filters: PackedFilters, worker: Int) {
        let (slopes, shape) = (normalised.rows, filters.shape)
        let stretches = unsafe scratch.part(worker) + firstlead_product_scratch_count()
        unsafe filters.multiply(
            slopes.start(record), stride: slopes.matrix.stride, rows: slopes.positions, to: stretches,
            outputStride: filters.columns, scratch: scratch.part(worker))
        var stretching = firstlead_stretching(
            positions: output.positions, channels: shape.inputs, taps: shape.taps, stride: step,
            padding: padding, outputs: slopes.positions)
        precondition(output.matrix.stride == shape.inputs)
        unsafe firstlead_gather(stretches, &stretching, output.start(record))
    }
}

import CKernels

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

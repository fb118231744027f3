import CKernels
import Synchronization

/// Memory that a pass needs beside its activations: a part for every thread of a pool, and one that they share.
package final class WorkerScratch: Sendable {
    let storage: AlignedStorage
    let countEach: Int
    /// Sums of blocks of activations, of one product at a time.
    let sums: AlignedStorage
    /// Activations rounded to integers and their scales, of one product at a time.
    let integers: AlignedStorage
    let integerScales: AlignedStorage

    /// The rows, outputs and inputs of a product `[rows, inputs]` by `[outputs, inputs]`.
    package typealias ProductShape = (rows: Int, outputs: Int, inputs: Int)

    /// `countEach` floats for each of `threads` workers, or what a product needs if that is more, and room for the
    /// products of these shapes.
    package init(
        threads: Int, countEach: Int = 0, products: [ProductShape] = [], integerProducts: [ProductShape] = []
    ) {
        var count = products.isEmpty ? countEach : max(countEach, firstlead_product_scratch_count())
        if !integerProducts.isEmpty { count = max(count, firstlead_int16_scratch_count()) }
        // A cache line more than needed keeps two workers off the same line.
        self.countEach = (count + 31) / 16 * 16
        storage = AlignedStorage(count: threads * self.countEach)
        let sums = products.map { firstlead_sums_count($0.rows, $0.outputs, $0.inputs) }
        self.sums = AlignedStorage(count: sums.max() ?? 0)
        let integers = integerProducts.map { firstlead_int16_rows_count($0.rows, $0.inputs) }
        self.integers = AlignedStorage(count: floats(ofIntegers: integers.max() ?? 0))
        let scales = integerProducts.map { firstlead_int16_row_scales_count($0.rows, $0.inputs) }
        integerScales = AlignedStorage(count: scales.max() ?? 0)
    }

    /// Whether `[rows, inputs]` rounded to integers fit.
    func holdsIntegers(rows: Int, inputs: Int) -> Bool {
        floats(ofIntegers: firstlead_int16_rows_count(rows, inputs)) <= integers.count
            && firstlead_int16_row_scales_count(rows, inputs) <= integerScales.count
    }

    /// Whether `threads` workers have `count` floats each.
    func holds(_ count: Int, threads: Int) -> Bool {
        count <= countEach && threads * countEach <= storage.count
    }

    /// A worker's part.
    func part(_ worker: Int) -> UnsafeMutablePointer<Float> { unsafe storage.start + worker * countEach }
}

/// Workspaces that wait for the next pass, so that steady state allocates nothing.
package final class Workspaces<Workspace: Sendable>: Sendable {
    private let idle = Mutex<[Workspace]>([])

    /// None yet: the first pass makes one.
    package init() {}

    /// Runs `body` with an idle workspace that `fits`, or a new one, and keeps it for the next pass.
    package func with<Result: Sendable, Failure: Error>(
        where fits: (Workspace) -> Bool, make: () -> Workspace,
        _ body: (Workspace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let found = idle.withLock { idle -> Workspace? in
            guard let index = idle.lastIndex(where: fits) else { return nil }
            return idle.remove(at: index)
        }
        let workspace = found ?? make()
        defer { idle.withLock { $0.append(workspace) } }
        return try body(workspace)
    }
}

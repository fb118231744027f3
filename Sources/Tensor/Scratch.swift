import CKernels
import Synchronization

/// Memory that a pass needs beside its activations: a part for every thread of a pool, and one that they share.
package final class WorkerScratch: Sendable {
    let storage: AlignedStorage
    let countEach: Int
    /// Sums of blocks of activations, of one product at a time.
    let sums: AlignedStorage

    /// `countEach` floats for each of `threads` workers, or what a product needs if that is more, and room for the
    /// products `[rows, inputs]` by `[outputs, inputs]` of these shapes.
    package init(
        threads: Int, countEach: Int = 0, products: [(rows: Int, outputs: Int, inputs: Int)] = []
    ) {
        let count = products.isEmpty ? countEach : max(countEach, firstlead_product_scratch_count())
        // A cache line more than needed keeps two workers off the same line.
        self.countEach = (count + 31) / 16 * 16
        storage = AlignedStorage(count: threads * self.countEach)
        let sums = products.map { firstlead_sums_count($0.rows, $0.outputs, $0.inputs) }
        self.sums = AlignedStorage(count: sums.max() ?? 0)
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

import CKernels
import Synchronization

/// Room for the packed rows of the largest input that a pass gives to its linear layers.
package final class PackedRows: Sendable {
    let storage: AlignedStorage

    /// Room for each of the shapes `[rows, columns]`, one at a time.
    package init(for shapes: [(rows: Int, columns: Int)]) {
        let counts = shapes.map { firstlead_packed_rows_count($0.rows, $0.columns) }
        storage = AlignedStorage(count: counts.max() ?? 0)
    }
}

/// Memory for every thread of a pool, as attention and convolution need it.
package final class WorkerScratch: Sendable {
    let storage: AlignedStorage
    let countEach: Int

    /// `countEach` floats for each of `threads` workers.
    package init(threads: Int, countEach: Int) {
        // A cache line more than needed keeps two workers off the same line.
        self.countEach = (countEach + 31) / 16 * 16
        storage = AlignedStorage(count: threads * self.countEach)
    }
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

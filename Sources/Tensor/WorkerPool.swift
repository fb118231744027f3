import Synchronization

/// A few threads that share the columns, rows or heads of one operation.
///
/// A thread that has done its share takes of the others', so that one that was held up does not hold them up; no result
/// depends on who takes what. One caller at a time: others wait. Work must not use the pool itself.
package final class WorkerPool: Sendable {
    /// Threads at work, the caller included.
    package let threads: Int
    private let crew: Crew
    private let turn = Mutex<Void>(())

    /// The calling thread alone; it never waits for another.
    package static let single = WorkerPool(threads: 1)

    /// Starts `threads - 1` threads; they sleep while nothing is to be done.
    package init(threads: Int) {
        precondition(threads >= 1 && threads <= 256)
        crew = Crew(helpers: threads - 1)
        self.threads = crew.start() + 1
    }

    deinit { crew.stop() }

    /// Cuts `0 ..< count` into parts of whole multiples of `unit` (the last may be short), and has every part done
    /// once; returns when all are. Parts run at the same time: what they write must be disjoint. Allocates nothing.
    func parallel<Work: SharedWork>(over count: Int, unit: Int = 1, _ work: Work) {
        guard count > 0 else { return }
        guard threads > 1, count > unit else { return work.run(0..<count, worker: 0) }
        turn.withLock { _ in
            unsafe withUnsafePointer(to: work) { pointer in
                unsafe crew.run(
                    Crew.Round(
                        work: Work.self, address: UnsafeRawPointer(pointer), count: count, unit: unit,
                        threads: threads))
            }
        }
    }

    /// The same with a closure, which costs an allocation.
    package func parallel(over count: Int, unit: Int = 1, _ body: (_ worker: Int, Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            parallel(over: count, unit: unit, ClosureWork(body: body))
        }
    }

    /// Calls `body` with every index below `count`.
    package func parallel(_ count: Int, _ body: (Int) -> Void) {
        parallel(over: count) { _, range in
            for index in range { body(index) }
        }
    }
}

extension WorkerPool {
    /// What `body` makes of every index below `count`, in their order; begun in their order, one by one.
    package func map<Result: Sendable>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
        let found = Mutex<[Int: Result]>([:])
        let next = Atomic<Int>(0)
        parallel(min(threads, count)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result = body(index)
                found.withLock { $0[index] = result }
            }
        }
        return found.withLock { found in (0..<count).compactMap { found[$0] } }
    }
}

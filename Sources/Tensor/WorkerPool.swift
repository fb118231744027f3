import Glibc
import Synchronization

/// A few threads that share the columns, rows or heads of one operation.
///
/// The split depends on nothing but the counts, and no result depends on the split. One caller at a time: others
/// wait. A body must not use the pool itself.
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

    /// Cuts `0 ..< count` into one run for each thread, in multiples of `unit`, and calls `body` with each that is
    /// not empty; returns when all have. Bodies run at the same time: what they write must be disjoint.
    package func parallel(over count: Int, unit: Int = 1, _ body: (_ worker: Int, Range<Int>) -> Void) {
        let units = (count + unit - 1) / unit
        guard threads > 1, units > 1 else {
            if count > 0 { body(0, 0..<count) }
            return
        }
        turn.withLock { _ in
            withoutActuallyEscaping(body) { body in
                crew.run { [threads] worker in
                    let first = min(count, units * worker / threads * unit)
                    let last = min(count, units * (worker + 1) / threads * unit)
                    if first < last { body(worker, first..<last) }
                }
            }
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
    /// What `body` makes of every index below `count`, in their order; thread t takes t, t + threads and so on.
    package func map<Result: Sendable>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
        let found = Mutex<[Int: Result]>([:])
        let shares = min(threads, count)
        parallel(shares) { share in
            for index in stride(from: share, to: count, by: shares) {
                let result = body(index)
                found.withLock { $0[index] = result }
            }
        }
        return found.withLock { found in (0..<count).compactMap { found[$0] } }
    }
}

/// What the pool shares with its threads.
@safe private final class Crew: @unchecked Sendable {  // `body` is written only while no helper is at work
    private var body: ((Int) -> Void)?
    private var handles: [pthread_t] = []
    private let helpers: Int
    private let round = Atomic<Int>(0)
    private let unfinished = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    private let workers = ParkingSpot()
    private let caller = ParkingSpot()

    init(helpers: Int) { self.helpers = helpers }

    /// Starts the helpers; returns how many the system granted.
    func start() -> Int {
        for worker in 1..<(helpers + 1) {
            let task = unsafe Unmanaged.passRetained(CrewMember(crew: self, worker: worker))
            var handle = pthread_t()
            let code = unsafe pthread_create(
                &handle, nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    let task = unsafe Unmanaged<CrewMember>.fromOpaque(argument).takeRetainedValue()
                    task.crew.help(task.worker)
                    return nil
                }, unsafe task.toOpaque())
            guard code == 0 else {
                unsafe task.release()
                break
            }
            handles.append(handle)
        }
        return handles.count
    }

    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        round.add(1, ordering: .sequentiallyConsistent)
        workers.wake()
        for handle in handles { pthread_join(handle, nil) }
    }

    /// The caller's side: everybody runs `work` once, the caller as number 0.
    func run(_ work: @escaping (Int) -> Void) {
        body = work
        unfinished.store(handles.count, ordering: .sequentiallyConsistent)
        round.add(1, ordering: .sequentiallyConsistent)
        workers.wake()
        work(0)
        caller.wait { unfinished.load(ordering: .sequentiallyConsistent) == 0 }
        body = nil
    }

    private func help(_ worker: Int) {
        var seen = 0
        while true {
            workers.wait { round.load(ordering: .sequentiallyConsistent) != seen }
            seen += 1
            if isStopping.load(ordering: .sequentiallyConsistent) { return }
            runShare(worker)
            if unfinished.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 { caller.wake() }
        }
    }

    /// Apart, so that the reference to the body is gone before the round is reported as finished.
    @inline(never) private func runShare(_ worker: Int) { body?(worker) }
}

private final class CrewMember: Sendable {
    let crew: Crew
    let worker: Int

    init(crew: Crew, worker: Int) {
        self.crew = crew
        self.worker = worker
    }
}

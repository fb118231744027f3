import Foundation

/// A bounded queue of work on ECGs, served by threads of its own.
///
/// When few wait, one ECG at a time has every thread of the encoders; when as many wait as there are threads, each gets
/// one (``ThreadBudget``). What waits is bounded, so that a late answer is refused early instead. Nothing heavy runs on
/// Dispatch's pool, whose threads the sockets need.
package final class WorkQueue: @unchecked Sendable {  // every stored variable is guarded by `condition`
    /// What a job is told when it begins.
    package struct Turn: Sendable {
        package let mode: WorkMode
        /// Since it was handed in.
        package let waited: Duration
    }

    /// Work and the time it was handed in.
    private struct Job {
        let submitted: ContinuousClock.Instant
        let run: @Sendable (Turn) -> Void
    }

    private let condition = NSCondition()
    private let capacity: Int
    private var budget: ThreadBudget
    private var jobs: [Job] = []
    private var isStopping = false
    private var ended: [WorkMode: Int] = [:]
    /// Running mean of the seconds from one job's end to the next while work waits, for Retry-After.
    private var meanSeconds = 0.5

    /// - Parameters:
    ///   - capacity: Jobs that may wait besides those that run.
    ///   - threads: Threads that compute at once at most; a job in latency mode is to use as many itself.
    package init(name: String, capacity: Int, threads: Int = 1) {
        self.capacity = capacity
        budget = ThreadBudget(threads: threads)
        for index in 0..<threads {
            let thread = Thread { [self] in serve() }
            thread.name = index == 0 ? name : "\(name)-\(index)"
            thread.start()
        }
    }

    /// Hands in a job; false when the queue is full or stopping.
    package func submit(_ job: @escaping @Sendable (Turn) -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopping, jobs.count < capacity else { return false }
        jobs.append(Job(submitted: .now, run: job))
        condition.signal()
        return true
    }

    /// Whether one more job would be refused now.
    package var isFull: Bool {
        condition.lock()
        defer { condition.unlock() }
        return isStopping || jobs.count >= capacity
    }

    /// Jobs that ended, by their mode.
    package var counts: [WorkMode: Int] {
        condition.lock()
        defer { condition.unlock() }
        return ended
    }

    /// Seconds after which a refused client may find room: what waits, at the recent pace.
    package var retryAfterSeconds: Int {
        condition.lock()
        defer { condition.unlock() }
        return max(1, Int((Double(jobs.count + 1) * meanSeconds).rounded(.up)))
    }

    /// Takes no more jobs; those that were accepted still run.
    package func stop() {
        condition.lock()
        isStopping = true
        condition.broadcast()
        condition.unlock()
    }

    private func serve() {
        while let (job, mode) = next() {
            let start = ContinuousClock.now
            job.run(Turn(mode: mode, waited: job.submitted.duration(to: start)))
            finish(mode, start.duration(to: .now))
        }
    }

    private func next() -> (Job, WorkMode)? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let mode = budget.begin(waiting: jobs.count) {
                // What begins alone may leave threads for the next.
                if jobs.count > 1 { condition.signal() }
                return (jobs.removeFirst(), mode)
            }
            if isStopping, jobs.isEmpty { return nil }
            condition.wait()
        }
    }

    private func finish(_ mode: WorkMode, _ duration: Duration) {
        condition.lock()
        defer { condition.unlock() }
        budget.end(mode)
        ended[mode, default: 0] += 1
        let together = mode == .latency ? 1 : Double(budget.threads)
        meanSeconds += (duration.milliseconds / 1e3 / together - meanSeconds) / 8
        condition.broadcast()
    }
}

import Foundation
import Scoring

/// A bounded queue of work on ECGs, served by one thread of its own.
///
/// One ECG at a time uses every core (latency first); what waits is bounded, so that a late answer is refused
/// early instead. Nothing heavy runs on Dispatch's pool, whose threads the sockets need.
package final class WorkQueue: @unchecked Sendable {  // every stored variable is guarded by `condition`
    /// Work and the time it was handed in.
    private struct Job {
        let submitted: ContinuousClock.Instant
        let run: @Sendable (_ waited: Duration) -> Void
    }

    private let condition = NSCondition()
    private let capacity: Int
    private var jobs: [Job] = []
    private var isStopping = false
    /// Running mean of a job's seconds, for Retry-After.
    private var meanSeconds = 0.5

    /// - Parameter capacity: Jobs that may wait besides the one that runs.
    package init(name: String, capacity: Int) {
        self.capacity = capacity
        let thread = Thread { [self] in serve() }
        thread.name = name
        thread.start()
    }

    /// Hands in a job; false when the queue is full or stopping.
    package func submit(_ job: @escaping @Sendable (_ waited: Duration) -> Void) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopping, jobs.count < capacity else { return false }
        jobs.append(Job(submitted: .now, run: job))
        condition.signal()
        return true
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
        while let job = next() {
            let start = ContinuousClock.now
            job.run(job.submitted.duration(to: start))
            finish(start.duration(to: .now))
        }
    }

    private func next() -> Job? {
        condition.lock()
        defer { condition.unlock() }
        while jobs.isEmpty {
            if isStopping { return nil }
            condition.wait()
        }
        return jobs.removeFirst()
    }

    private func finish(_ duration: Duration) {
        condition.lock()
        defer { condition.unlock() }
        meanSeconds += (duration.milliseconds / 1e3 - meanSeconds) / 8
    }
}

import ECGFormats
import Foundation
import Scoring

/// ECGs through a queue like the service's: so many are there at any time, and each answer lets the next one in.
final class ScoringCourse: @unchecked Sendable {  // every stored variable is guarded by `lock`
    /// What became of one ECG.
    struct Visit: Sendable {
        let mode: WorkMode
        /// Stage and milliseconds, in the order they ran.
        let stages: [(name: String, milliseconds: Double)]
        /// Milliseconds from handing in to the answer.
        let total: Double
    }

    private let jobs: [SubmittedECG]
    private let options: ReadOptions
    private let scorer: Scorer
    private let queue: WorkQueue
    private let end = DispatchSemaphore(value: 0)
    private let lock = NSLock()
    private var next = 0
    private var outcomes: [Result<Visit, Refusal>] = []

    private init(_ jobs: [SubmittedECG], _ options: ReadOptions, scorer: Scorer, batch: Int) {
        self.jobs = jobs
        self.options = options
        self.scorer = scorer
        queue = WorkQueue(name: "bench", capacity: batch, threads: scorer.threads)
    }

    /// Scores every ECG once, `batch` of them there at a time; in the order they ended.
    ///
    /// Throws: ``Refusal``.
    static func run(
        _ jobs: [SubmittedECG], options: ReadOptions, scorer: Scorer, batch: Int
    ) throws(Refusal) -> [Visit] {
        let course = ScoringCourse(jobs, options, scorer: scorer, batch: batch)
        for _ in 0..<batch { course.handIn() }
        course.end.wait()
        course.queue.stop()
        var visits: [Visit] = []
        for outcome in course.lock.withLock({ course.outcomes }) { visits.append(try outcome.get()) }
        return visits
    }

    private func handIn() {
        let index = lock.withLock {
            next += 1
            return next - 1
        }
        guard index < jobs.count else { return }
        let isAccepted = queue.submit { [self] turn in
            let outcome = Result { () throws(Refusal) in try visit(jobs[index], turn) }
            let isLast = lock.withLock {
                outcomes.append(outcome)
                return outcomes.count == jobs.count
            }
            handIn()
            if isLast { end.signal() }
        }
        precondition(isAccepted, "one is handed in for each that begins")
    }

    private func visit(_ ecg: SubmittedECG, _ turn: WorkQueue.Turn) throws(Refusal) -> Visit {
        var clock = StageClock()
        clock.add("queue", turn.waited)
        let assessment = try scorer.working(turn.mode).score(ecg, options: options, clock: clock)
        return Visit(
            mode: turn.mode, stages: assessment.clock.stages,
            total: assessment.clock.totalMilliseconds + turn.waited.milliseconds)
    }
}

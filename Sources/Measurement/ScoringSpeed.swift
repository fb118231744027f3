package import Bytes
import Foundation
package import Scoring
package import Tensor

/// How long the stages of scoring take, over several ECGs and rounds.
package struct ScoringSpeed: Sendable {
    package let threads: Int
    /// ECGs in work at once, each on its own thread if more than one.
    package let batch: Int
    /// Stages in the order they run, then "total".
    package let stages: [(name: String, times: Distribution)]
    package let ecgsPerSecond: Double

    /// Scores every ECG `rounds` times after one round that is not counted. One at a time uses all threads; a larger
    /// batch gives each ECG one thread, at most `pool.threads` at once.
    ///
    /// Throws: ``Refusal``.
    package static func measure(
        _ ecgs: [SubmittedECG], bundle: ModelBundle, pool: WorkerPool, batch: Int, rounds: Int
    ) throws(Refusal) -> ScoringSpeed {
        let scorer = Scorer(bundle: bundle, pool: batch == 1 ? pool : .single)
        for ecg in ecgs { _ = try scorer.score(ecg) }
        let jobs = (0..<rounds).flatMap { _ in ecgs }
        let start = ContinuousClock.now
        var clocks: [(stages: [(name: String, milliseconds: Double)], total: Double)] = []
        if batch == 1 {
            for ecg in jobs { clocks.append(try timed(ecg, scorer)) }
        } else {
            let outcomes = Outcomes()
            let callers = WorkerPool(threads: min(batch, pool.threads))
            callers.parallel(jobs.count) { index in
                outcomes.add(Result { () throws(Refusal) in try timed(jobs[index], scorer) })
            }
            for outcome in outcomes.all { clocks.append(try outcome.get()) }
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        let names = clocks.first?.stages.map(\.name) ?? []
        var stages = names.compactMap { name in
            Distribution(
                milliseconds: clocks.compactMap { clock in
                    clock.stages.first { $0.name == name }?.milliseconds
                }
            ).map { (name: name, times: $0) }
        }
        if let total = Distribution(milliseconds: clocks.map(\.total)) { stages.append(("total", total)) }
        return ScoringSpeed(
            threads: pool.threads, batch: batch, stages: stages,
            ecgsPerSecond: Double(jobs.count) / seconds)
    }

    private typealias Clocked = (stages: [(name: String, milliseconds: Double)], total: Double)

    private static func timed(_ ecg: SubmittedECG, _ scorer: Scorer) throws(Refusal) -> Clocked {
        let start = ContinuousClock.now
        let assessment = try scorer.score(ecg)
        return (assessment.clock.stages, start.duration(to: .now) / .milliseconds(1))
    }

    /// What the callers found, in the order they finished.
    private final class Outcomes: @unchecked Sendable {  // guarded by the lock
        private let lock = NSLock()
        private var found: [Result<Clocked, Refusal>] = []

        func add(_ outcome: Result<Clocked, Refusal>) { lock.withLock { found.append(outcome) } }

        var all: [Result<Clocked, Refusal>] { lock.withLock { found } }
    }

    package var document: JSONDocument {
        [
            "threads": .integer(threads), "batch": .integer(batch),
            "ecgsPerSecond": .rounded(ecgsPerSecond, digits: 2),
            "stages": .array(
                stages.map { .object([.init("stage", .text($0.name))] + $0.times.members) }),
        ]
    }
}

import Foundation
import Synchronization
import Tensor
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 8]) func visitsEveryIndexOnce(threads: Int) {
        let pool = WorkerPool(threads: threads)
        #expect(pool.threads == threads)
        for count in [0, 1, 2, 7, 64, 1_000] {
            let visits = Mutex([Int](repeating: 0, count: count))
            pool.parallel(count) { index in visits.withLock { $0[index] += 1 } }
            #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    @Test(arguments: [1, 2, 3]) func cutsInMultiplesOfTheUnit(threads: Int) {
        let pool = WorkerPool(threads: threads)
        for _ in 0..<50 {
            let found = Mutex([(worker: Int, part: Range<Int>)]())
            pool.parallel(over: 23, unit: 4) { worker, part in found.withLock { $0.append((worker, part)) } }
            let parts = found.withLock { $0 }
            #expect(parts.allSatisfy { $0.worker < threads && $0.part.lowerBound.isMultiple(of: 4) })
            #expect(parts.flatMap { Array($0.part) }.sorted() == Array(0..<23))
        }
    }

    /// A thread that is held up in its part leaves the rest to the others.
    @Test func nobodyWaitsForWorkBehindASlowThread() {
        let pool = WorkerPool(threads: 2)
        let others = Atomic<Int>(0)
        let isHeldUp = Atomic<Bool>(false)
        pool.parallel(16) { _ in
            if !isHeldUp.exchange(true, ordering: .sequentiallyConsistent) {
                // Ends only because the other thread does the other parts: this one holds at most a quarter.
                while others.load(ordering: .sequentiallyConsistent) < 12 { sched_yield() }
            } else {
                others.add(1, ordering: .sequentiallyConsistent)
            }
        }
        #expect(others.load(ordering: .sequentiallyConsistent) == 15)
    }

    /// What a thread fetches ahead should be what it does next.
    @Test func everyThreadTakesItsOwnShareInOrder() {
        let pool = WorkerPool(threads: 2)
        let begun = Atomic<Int>(0)
        let found = Mutex([(worker: Int, part: Range<Int>)]())
        pool.parallel(over: 32) { worker, part in
            found.withLock { $0.append((worker, part)) }
            guard part.lowerBound == 16 * worker else { return }
            begun.add(1, ordering: .sequentiallyConsistent)
            while begun.load(ordering: .sequentiallyConsistent) < 2 { sched_yield() }
        }
        for worker in 0..<2 {
            let parts = found.withLock { $0 }.filter { $0.worker == worker }.map(\.part)
            let own = parts.prefix { (16 * worker..<16 * worker + 16).contains($0.lowerBound) }
            #expect(own.first?.lowerBound == 16 * worker)
            #expect(zip(own, own.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
        }
    }

    /// Whoever sleeps through a short round is not waited for, and is there for the next.
    @Test func manyShortRoundsLoseNothing() {
        let pool = WorkerPool(threads: 4)
        let sum = Atomic<Int>(0)
        for round in 0..<20_000 {
            pool.parallel(5) { index in sum.add(index + round % 3, ordering: .relaxed) }
        }
        let expected = (0..<20_000).reduce(0) { $0 + 10 + 5 * ($1 % 3) }
        #expect(sum.load(ordering: .sequentiallyConsistent) == expected)
    }

    @Test(arguments: [1, 3]) func mapKeepsTheOrder(threads: Int) {
        #expect(WorkerPool(threads: threads).map(20) { $0 * $0 } == (0..<20).map { $0 * $0 })
    }

    @Test func wakesThreadsThatWentToSleep() {
        let pool = WorkerPool(threads: 2)
        for _ in 0..<5 {
            Thread.sleep(forTimeInterval: 0.02)
            let sum = Mutex(0)
            pool.parallel(100) { index in sum.withLock { $0 += index } }
            #expect(sum.withLock { $0 } == 4_950)
        }
    }

    @Test func callersTakeTurns() {
        let pool = WorkerPool(threads: 2)
        let running = Atomic<Int>(0)
        let clashes = Atomic<Int>(0)
        let total = Atomic<Int>(0)
        let callers = WorkerPool(threads: 4)
        callers.parallel(4) { _ in
            for _ in 0..<200 {
                pool.parallel(over: 2) { worker, range in
                    if running.add(1, ordering: .sequentiallyConsistent).newValue > 2 {
                        clashes.add(1, ordering: .relaxed)
                    }
                    total.add(range.count, ordering: .relaxed)
                    running.subtract(1, ordering: .sequentiallyConsistent)
                }
            }
        }
        #expect(clashes.load(ordering: .relaxed) == 0)
        #expect(total.load(ordering: .relaxed) == 1_600)
    }
}

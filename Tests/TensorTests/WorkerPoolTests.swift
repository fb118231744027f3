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

    @Test func cutsInMultiplesOfTheUnitAndAlwaysAlike() {
        let pool = WorkerPool(threads: 3)
        for _ in 0..<50 {
            let runs = Mutex([Int: Range<Int>]())
            pool.parallel(over: 23, unit: 4) { worker, range in runs.withLock { $0[worker] = range } }
            #expect(runs.withLock { $0 } == [0: 0..<8, 1: 8..<16, 2: 16..<23])
        }
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

import Foundation
import Scoring
import Synchronization
import Testing

@Suite struct ThreadBudgetTests {
    @Test func oneEcgHasEveryThread() {
        var budget = ThreadBudget(threads: 4)
        #expect(budget.begin(waiting: 0) == nil)
        #expect(budget.begin(waiting: 1) == .latency && budget.busy == 4)
        #expect(budget.begin(waiting: 9) == nil)
        budget.end(.latency)
        #expect(budget.begin(waiting: 3) == .latency)
    }

    @Test func asManyAsThreadsHaveOneEach() {
        var budget = ThreadBudget(threads: 3)
        for busy in 1...3 {
            #expect(budget.begin(waiting: 4 - busy) == .throughput && budget.busy == busy)
        }
        #expect(budget.begin(waiting: 1) == nil)
        budget.end(.throughput)
        #expect(budget.begin(waiting: 1) == .throughput)
        for _ in 0..<3 { budget.end(.throughput) }
        #expect(budget.begin(waiting: 1) == .latency)
    }

    @Test func oneThreadKnowsOneMode() {
        var budget = ThreadBudget(threads: 1)
        #expect(budget.begin(waiting: 50) == .latency)
        #expect(budget.begin(waiting: 50) == nil)
    }

    /// Ten thousand arrivals and ends in any order: never more threads than there are, never one idle while ECGs wait
    /// and others run on one thread each.
    @Test(arguments: [1, 2, 3, 8]) func neverOversubscribes(threads: Int) {
        var budget = ThreadBudget(threads: threads)
        var running: [WorkMode] = []
        var waiting = 0
        var random: UInt64 = 88_172_645_463_325_252
        for _ in 0..<10_000 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            if random.isMultiple(of: 2) {
                waiting += 1
            } else if !running.isEmpty {
                budget.end(running.remove(at: Int(random / 2 % UInt64(running.count))))
            }
            while let mode = budget.begin(waiting: waiting) {
                running.append(mode)
                waiting -= 1
            }
            let computing = running.reduce(0) { $0 + ($1 == .latency ? threads : 1) }
            #expect(computing == budget.busy && computing <= threads)
            #expect(waiting == 0 || computing == threads)
        }
    }
}

@Suite struct WorkQueueTests {
    @Test func refusesWhatDoesNotFitAndRunsWhatItAccepted() async throws {
        let queue = WorkQueue(name: "test", capacity: 2)
        let gate = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        #expect(
            queue.submit { _ in
                started.signal()
                gate.wait()
                done.signal()
            })
        await Self.wait(started)
        #expect(queue.submit { _ in done.signal() })
        #expect(queue.submit { _ in done.signal() })
        #expect(queue.isFull)
        #expect(!queue.submit { _ in done.signal() })
        #expect(queue.retryAfterSeconds >= 1)
        queue.stop()
        #expect(!queue.submit { _ in })
        gate.signal()
        for _ in 0..<3 { await Self.wait(done) }
    }

    /// One that comes alone has all threads; those that queue up behind it run side by side, and no more threads than
    /// there are compute at any time.
    @Test func servesAQueueSideBySide() async throws {
        let queue = WorkQueue(name: "test", capacity: 100, threads: 3)
        let computing = Mutex((now: 0, most: 0))
        let gate = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        let first = queue.submit { turn in
            #expect(turn.mode == .latency)
            started.signal()
            gate.wait()
            done.signal()
        }
        #expect(first)
        await Self.wait(started)
        for _ in 0..<30 {
            let isAccepted = queue.submit { turn in
                let cost = turn.mode == .latency ? 3 : 1
                computing.withLock {
                    $0.now += cost
                    $0.most = max($0.most, $0.now)
                }
                Thread.sleep(forTimeInterval: 0.002)
                computing.withLock { $0.now -= cost }
                done.signal()
            }
            #expect(isAccepted)
        }
        gate.signal()
        for _ in 0..<31 { await Self.wait(done) }
        queue.stop()
        #expect(computing.withLock { $0.most } == 3)
        let counts = queue.counts
        #expect((counts[.latency] ?? 0) >= 1 && (counts[.throughput] ?? 0) >= 25)
    }

    private static func wait(_ semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                semaphore.wait()
                continuation.resume()
            }
        }
    }
}

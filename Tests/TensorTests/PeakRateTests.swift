import Foundation
import Synchronization
import Tensor
import Testing

@Suite(.serialized) struct PeakRateTests {
    /// Threads that keep every processor busy with something else while `body` runs.
    private func beside<Result>(rivals: Int, _ body: () -> Result) -> Result {
        let isOver = Mutex(false)
        let ended = DispatchGroup()
        for _ in 0..<rivals {
            ended.enter()
            Thread.detachNewThread {
                while !isOver.withLock({ $0 }) {}
                ended.leave()
            }
        }
        defer {
            isOver.withLock { $0 = true }
            ended.wait()
        }
        return body()
    }

    /// On a wall clock a thread with three rivals for its processor would show a quarter of the rate.
    @Test func interruptedThreadsReportNoLowerPeak() {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let pool = WorkerPool(threads: processors)
        let alone = Kernels.peakGFLOPS(pool: pool)
        let crowded = beside(rivals: 3 * processors) { Kernels.peakGFLOPS(pool: pool) }
        #expect(alone > 0)
        #expect(crowded > 0.6 * alone, "\(crowded) of \(alone) GFLOP/s")
    }

    @Test func threadsBeyondTheProcessorsAddNothing() {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let one = Kernels.peakGFLOPS(pool: .single)
        let many = Kernels.peakGFLOPS(pool: WorkerPool(threads: 4 * processors))
        #expect(many < 1.6 * one * Double(processors), "\(many) after \(one) GFLOP/s")
    }
}

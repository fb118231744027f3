import CKernels
import Glibc
import Synchronization

extension Kernels {
    /// What the processor's fused multiply-adds can do on all threads of a pool at once, in GFLOP/s: measured now, for
    /// some ten milliseconds, in registers alone.
    ///
    /// All threads begin together, and each takes the median over several windows of its own time on a processor: a
    /// thread that another program interrupts computes later, not slower. Threads beyond the processors add nothing.
    package static func peakGFLOPS(pool: WorkerPool) -> Double {
        let rates = Mutex<[Double]>([])
        let arrived = Atomic<Int>(0)
        pool.parallel(pool.threads) { _ in
            arrived.add(1, ordering: .sequentiallyConsistent)
            // No thread takes a second part before every other has its own.
            while arrived.load(ordering: .sequentiallyConsistent) < pool.threads { sched_yield() }
            let rate = threadRate()
            rates.withLock { $0.append(rate) }
        }
        let together = min(pool.threads, firstlead_processors())
        let sum = rates.withLock { $0.reduce(0, +) }
        return sum / Double(pool.threads) * Double(together) / 1e9
    }

    private static let windows = 9
    private static let secondsPerWindow = 0.001

    /// Operations a second of the calling thread while it runs.
    private static func threadRate() -> Double {
        var rounds = 1_000
        while threadSeconds(of: rounds) < secondsPerWindow { rounds *= 2 }
        let times = (0..<windows).map { _ in threadSeconds(of: rounds) }.sorted()
        return Double(rounds * firstlead_peak_operations()) / times[windows / 2]
    }

    private static func threadSeconds(of rounds: Int) -> Double {
        let start = threadSeconds()
        _ = firstlead_peak(rounds)
        return threadSeconds() - start
    }

    /// Time that the calling thread has spent on a processor.
    private static func threadSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

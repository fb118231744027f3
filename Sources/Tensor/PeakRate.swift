import CKernels

extension Kernels {
    /// What the processor's fused multiply-adds can do on all threads of a pool at once, in GFLOP/s: measured now, for
    /// some ten milliseconds, in registers alone.
    package static func peakGFLOPS(pool: WorkerPool) -> Double {
        var rounds = 1_000
        while true {
            let count = rounds
            let start = ContinuousClock.now
            pool.parallel(over: pool.threads) { _, range in
                for _ in range { _ = firstlead_peak(count) }
            }
            let seconds = start.duration(to: .now) / .seconds(1)
            if seconds > 0.004 {
                let operations = Double(pool.threads * rounds * firstlead_peak_operations())
                return operations / seconds / 1e9
            }
            rounds *= 2
        }
    }
}

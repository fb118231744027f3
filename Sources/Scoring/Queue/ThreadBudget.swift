/// How an ECG uses the processor.
package enum WorkMode: String, Sendable, CaseIterable {
    /// Every thread works on this ECG: the shortest time for one.
    case latency
    /// One thread works on it, others on other ECGs: the most ECGs in a time, since no thread waits for another.
    case throughput
}

/// Who may begin to compute, and on how many threads: at no time more than `threads` compute.
///
/// A value without clock or lock: whoever hands out work asks it and obeys.
package struct ThreadBudget: Sendable {
    package let threads: Int
    /// Threads that compute now.
    package private(set) var busy = 0

    /// None computes yet.
    package init(threads: Int) {
        precondition(threads >= 1)
        self.threads = threads
    }

    /// The mode in which the first of `waiting` ECGs begins now; nil when it has to wait.
    ///
    /// With as many waiting as there are threads each gets one. While some compute like that, every thread that is
    /// free takes the next, however few wait: to wait for all of them would leave it idle.
    package mutating func begin(waiting: Int) -> WorkMode? {
        guard waiting > 0, busy < threads else { return nil }
        let mode: WorkMode = busy == 0 && (threads == 1 || waiting < threads) ? .latency : .throughput
        busy += cost(mode)
        return mode
    }

    /// Gives back what ``begin(waiting:)`` gave.
    package mutating func end(_ mode: WorkMode) {
        busy -= cost(mode)
        precondition(busy >= 0)
    }

    private func cost(_ mode: WorkMode) -> Int { mode == .latency ? threads : 1 }
}

import Synchronization

/// The units of a round of work, shared among threads: each takes its own from the front, in order, so that what it
/// fetches ahead is what it does next; who has none left takes from the back of the thread that has most.
///
/// A share is one word, the first unit left and the end, so that taking is one exchange. Several units are taken at a
/// time while many are left.
@safe final class Shares: @unchecked Sendable {  // the words are atomic
    /// Words apart, so that no two shares lie in one cache line.
    private static let distance = 16

    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let threads: Int

    init(threads: Int) {
        self.threads = threads
        unsafe words = .allocate(capacity: threads * Shares.distance)
        for index in 0..<threads * Shares.distance { unsafe (words + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe words.deinitialize(count: threads * Shares.distance)
        unsafe words.deallocate()
    }

    /// Before a round: equal shares of `0 ..< units`, in the order of the threads.
    func divide(_ units: Int, among threads: Int) {
        precondition(threads <= self.threads && units <= Int(UInt32.max))
        for thread in 0..<threads {
            let share = units * thread / threads..<units * (thread + 1) / threads
            unsafe words[thread * Shares.distance].store(Shares.word(share), ordering: .relaxed)
        }
    }

    /// The next units for this thread; nil once no thread has any left.
    func take(worker: Int, of threads: Int) -> Range<Int>? {
        if let own = take(from: worker, atFront: true) { return own }
        while let richest = (0..<threads).max(by: { left($0) < left($1) }), left(richest) > 0 {
            if let others = take(from: richest, atFront: false) { return others }
        }
        return nil
    }

    private func left(_ thread: Int) -> Int {
        Shares.range(unsafe words[thread * Shares.distance].load(ordering: .relaxed)).count
    }

    private func take(from thread: Int, atFront: Bool) -> Range<Int>? {
        var found = unsafe words[thread * Shares.distance].load(ordering: .relaxed)
        while true {
            let share = Shares.range(found)
            guard !share.isEmpty else { return nil }
            let count = max(1, share.count / 4)
            let middle = atFront ? share.lowerBound + count : share.upperBound - count
            let rest = atFront ? middle..<share.upperBound : share.lowerBound..<middle
            let outcome = unsafe words[thread * Shares.distance].compareExchange(
                expected: found, desired: Shares.word(rest), ordering: .relaxed)
            if outcome.exchanged {
                return atFront ? share.lowerBound..<middle : middle..<share.upperBound
            }
            found = outcome.original
        }
    }

    private static func word(_ share: Range<Int>) -> UInt64 {
        UInt64(share.lowerBound) | UInt64(share.upperBound) << 32
    }

    private static func range(_ word: UInt64) -> Range<Int> {
        Int(word & 0xFFFF_FFFF)..<Int(word >> 32)
    }
}

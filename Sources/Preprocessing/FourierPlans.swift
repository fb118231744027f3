private import Synchronization

/// The transforms of recently met lengths: recordings of one electrocardiograph share theirs.
enum FourierPlans {
    /// Longer transforms are prepared anew each time: keeping them would let a few odd uploads fill the memory.
    private static let longestKept = 40_000
    /// When this many are kept, all are dropped: a site meets a handful of lengths.
    private static let mostKept = 32
    private static let kept = Mutex<[Int: FourierTransform]>([:])

    /// The transform of `length` samples.
    static func transform(length: Int) -> FourierTransform {
        if let found = kept.withLock({ $0[length] }) { return found }
        let made = FourierTransform(length: length)
        guard length <= longestKept else { return made }
        kept.withLock {
            if $0.count >= mostKept { $0.removeAll() }
            $0[length] = made
        }
        return made
    }
}

/// Work that the threads of a pool share: what all of them need, and what one of them does with a part of it.
///
/// A value, not a closure: the pool hands its address to the other threads and allocates nothing.
protocol SharedWork {
    /// Does one part. `worker` is below the pool's number of threads; of the parts that run at the same time no two
    /// have the same.
    func run(_ part: Range<Int>, worker: Int)

    /// ``run(_:worker:)`` of the value at that address.
    static func run(at address: UnsafeRawPointer, _ part: Range<Int>, worker: Int)
}

extension SharedWork {
    static func run(at address: UnsafeRawPointer, _ part: Range<Int>, worker: Int) {
        unsafe address.assumingMemoryBound(to: Self.self).pointee.run(part, worker: worker)
    }
}

/// A closure as work, for callers that may allocate.
struct ClosureWork: SharedWork {
    let body: (_ worker: Int, Range<Int>) -> Void

    func run(_ part: Range<Int>, worker: Int) { body(worker, part) }
}

import CAllocationCount
import ECG
import Encoders
import Synchronization
import Tensor
import Testing

/// Heap allocations of every thread of a pool while `body` runs, the calling thread first.
private func allocations(of pool: WorkerPool, during body: () throws -> Void) rethrows -> [Int] {
    let before = countsOfHelpers(of: pool)
    let own = firstlead_allocations()
    try body()
    let taken = firstlead_allocations() - own
    // The first question itself is over when it is answered, so that only `body` lies between the two.
    let after = countsOfHelpers(of: pool)
    return [Int(taken)] + zip(before, after).map { Int($1) - Int($0) }
}

/// What the threads beside the caller have allocated so far.
private func countsOfHelpers(of pool: WorkerPool) -> [Int] {
    let counts = Mutex([Int](repeating: 0, count: pool.threads))
    let arrived = Atomic<Int>(0)
    pool.parallel(over: pool.threads) { worker, part in
        for _ in part {
            let count = Int(firstlead_allocations())
            arrived.add(1, ordering: .sequentiallyConsistent)
            // Nobody takes a second part before everybody has one.
            while arrived.load(ordering: .sequentiallyConsistent) < pool.threads {}
            counts.withLock { $0[worker] = count }
        }
    }
    return Array(counts.withLock { $0 }.dropFirst())
}

@Suite struct AllocationTests {
    /// The counter counts: on the calling thread, and on the others.
    @Test func countsWhatEveryThreadAllocates() {
        let pool = WorkerPool(threads: 2)
        #expect(allocations(of: pool) {} == [0, 0])
        let kept = Mutex([[Int]](repeating: [], count: 2))
        let found = allocations(of: pool) {
            let arrived = Atomic<Int>(0)
            pool.parallel(over: 2) { worker, _ in
                arrived.add(1, ordering: .sequentiallyConsistent)
                while arrived.load(ordering: .sequentiallyConsistent) < 2 {}
                let memory = [Int](repeating: worker, count: 1_000)
                kept.withLock { $0[worker] = memory }
            }
        }
        #expect(found.allSatisfy { $0 >= 1 } && kept.withLock { $0[1].last == 1 })
    }

    /// At published size, where every kernel is used as in service.
    @Test(arguments: [1, 2]) func warmPassesAllocateNothing(threads: Int) throws {
        let pool = WorkerPool(threads: threads)
        let encoders: [(network: any Encoder, windows: Int)] = [
            (try STMEMEncoder(config: .published, weights: SeededWeights()), 1),
            (try ECGFMEncoder(config: .published, weights: SeededWeights()), 2),
        ]
        for (network, count) in encoders {
            let windows = (0..<count).map {
                Segment(
                    values: SeededWeights.uniform("allocations/\($0)", count: 12 * network.windowSamples),
                    sampleCount: network.windowSamples)
            }
            let embeddings = Matrix(rows: count, columns: network.width)
            try network.embed(windows, to: embeddings, pool: pool)
            let first = embeddings.values
            // Tests beside this one take arenas, too: whoever finds none has to make one.
            let nothing = [Int](repeating: 0, count: threads)
            var found = nothing
            for _ in 0..<20 {
                found = try allocations(of: pool) { try network.embed(windows, to: embeddings, pool: pool) }
                if found == nothing { break }
            }
            #expect(found == nothing, "\(network.id)")
            #expect(embeddings.values == first)
        }
    }
}

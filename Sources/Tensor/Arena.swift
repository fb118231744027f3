import Synchronization

/// Where a matrix lies in an arena, in floats.
package struct Place: Sendable, Equatable {
    let offset: Int
    let rows: Int
    package let columns: Int
    let stride: Int
}

/// Where the activations of a pass lie: places behind each other, worked out once for every pass.
package struct ArenaPlan: Sendable {
    /// Where the next place begins.
    package private(set) var end = 0
    /// Floats that all places so far reach to.
    package private(set) var count = 0

    /// Nothing yet.
    package init() {}

    /// A place for `[rows, columns]`. With `spreadingRows` rows are a cache line further apart where they would
    /// otherwise begin at the same place of every 4 KB: such rows push each other out of the cache.
    package mutating func place(rows: Int, columns: Int, spreadingRows: Bool = false) -> Place {
        let stride = spreadingRows && columns.isMultiple(of: 1_024) ? columns + 16 : columns
        let place = Place(offset: end, rows: rows, columns: columns, stride: stride)
        take(rows * stride)
        return place
    }

    /// Goes back, so that the next places share memory with those since `mark`, an earlier `end`: they must not be in
    /// use at the same time.
    package mutating func share(from mark: Int) {
        precondition(mark >= 0 && mark <= count)
        end = mark
    }

    /// Ends the sharing: the next place begins behind all others.
    package mutating func endSharing() { end = count }

    /// Room for what the products of these shapes need, of one at a time, and for `countEach` floats for every worker
    /// (or what a product needs if that is more), which lie behind all places. To be planned last.
    package mutating func scratch(
        countEach: Int, products: [ProductShape], integerProducts: [ProductShape] = []
    ) -> ScratchPlace {
        endSharing()
        let sums = end
        let sumsCount = ProductRoom.sums(products)
        take(sumsCount)
        let integers = end
        let integersCount = ProductRoom.integers(integerProducts)
        take(integersCount)
        let scales = end
        let scalesCount = ProductRoom.integerScales(integerProducts)
        take(scalesCount)
        return ScratchPlace(
            sums: sums, sumsCount: sumsCount, integers: integers, integersCount: integersCount,
            integerScales: scales, integerScalesCount: scalesCount, parts: end,
            countEach: ProductRoom.countEach(
                atLeast: countEach, products: products, integerProducts: integerProducts))
    }

    /// Whole cache lines.
    private mutating func take(_ floats: Int) {
        end += (floats + 15) / 16 * 16
        count = max(count, end)
    }
}

/// Where scratch memory lies in an arena: what the workers share, then a part for each.
package struct ScratchPlace: Sendable {
    let sums: Int
    let sumsCount: Int
    let integers: Int
    let integersCount: Int
    let integerScales: Int
    let integerScalesCount: Int
    let parts: Int
    let countEach: Int

    /// Floats of an arena for a pass on so many threads.
    package func arenaCount(threads: Int) -> Int { parts + threads * countEach }
}

/// The memory of one pass at a time: activations, and scratch for every worker.
package final class Arena: Sendable {
    let storage: AlignedStorage

    /// `count` floats on large pages, with whatever is there.
    package init(count: Int) { storage = AlignedStorage(onLargePages: count) }

    /// Its floats.
    package var count: Int { storage.count }

    /// The matrix at that place, with whatever the pass, or one before, has left there.
    package func matrix(_ place: Place) -> Matrix { Matrix(place, in: storage) }

    /// The scratch memory at that place.
    package func scratch(_ place: ScratchPlace, threads: Int) -> WorkerScratch {
        WorkerScratch(place, in: storage, threads: threads)
    }
}

/// Arenas that wait for the next pass, whichever encoder's it is: as many as passes have run at the same time. Steady
/// state allocates nothing, and the encoders, of which an ECG takes one after the other, share the memory.
package final class Arenas: Sendable {
    /// Those of the process.
    package static let shared = Arenas()

    private let idle = Mutex<[Arena]>([])

    /// None yet: the first pass makes one.
    package init() {}

    /// Runs `body` with an arena of at least `count` floats, and keeps it for the next pass.
    package func with<Result, Failure: Error>(
        count: Int, _ body: (Arena) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let arena = take(count) ?? Arena(count: count)
        defer { idle.withLock { $0.append(arena) } }
        return try body(arena)
    }

    /// Floats of the arenas that wait.
    package var idleCount: Int { idle.withLock { $0.reduce(0) { $0 + $1.storage.count } } }

    /// One that is large enough. If there is none, one that is too small makes room for a new one.
    private func take(_ count: Int) -> Arena? {
        idle.withLock { idle in
            if let index = idle.lastIndex(where: { $0.storage.count >= count }) {
                return idle.remove(at: index)
            }
            _ = idle.popLast()
            return nil
        }
    }
}

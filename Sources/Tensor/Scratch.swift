import CKernels

/// Memory that a pass needs beside its activations: a part for every thread of a pool, and one that they share.
@safe package struct WorkerScratch: Sendable {
    let countEach: Int
    /// Floats of ``sums``.
    let sumsCount: Int
    private let threads: Int
    private let storage: AlignedStorage
    private let sumsOffset: Int
    private let partsOffset: Int

    /// Memory of its own: `countEach` floats for each of `threads` workers, or what a product needs if that is more,
    /// and room for the products `[rows, inputs]` by `[outputs, inputs]` of these shapes.
    package init(
        threads: Int, countEach: Int = 0, products: [(rows: Int, outputs: Int, inputs: Int)] = []
    ) {
        var plan = ArenaPlan()
        let place = plan.scratch(countEach: countEach, products: products)
        self.init(
            place, in: AlignedStorage(count: place.arenaCount(threads: threads)), threads: threads)
    }

    /// A part of an arena.
    init(_ place: ScratchPlace, in storage: AlignedStorage, threads: Int) {
        precondition(place.arenaCount(threads: threads) <= storage.count)
        countEach = place.countEach
        sumsCount = place.sumsCount
        self.threads = threads
        self.storage = storage
        sumsOffset = place.sums
        partsOffset = place.parts
    }

    /// Whether `threads` workers have `count` floats each.
    func holds(_ count: Int, threads: Int) -> Bool { count <= countEach && threads <= self.threads }

    /// A worker's part.
    func part(_ worker: Int) -> UnsafeMutablePointer<Float> {
        unsafe storage.start + partsOffset + worker * countEach
    }

    /// Sums of blocks of activations, of one product at a time.
    var sums: UnsafeMutablePointer<Float> { unsafe storage.start + sumsOffset }

    static func countEach(
        atLeast count: Int, products: [(rows: Int, outputs: Int, inputs: Int)]
    ) -> Int {
        let needed = products.isEmpty ? count : max(count, firstlead_product_scratch_count())
        // A cache line more than needed keeps two workers off the same line.
        return (needed + 31) / 16 * 16
    }

    static func sumsCount(_ products: [(rows: Int, outputs: Int, inputs: Int)]) -> Int {
        products.map { firstlead_sums_count($0.rows, $0.outputs, $0.inputs) }.max() ?? 0
    }
}

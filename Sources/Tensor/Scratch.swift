import CKernels

/// The rows, outputs and inputs of a product `[rows, inputs]` by `[outputs, inputs]`.
package typealias ProductShape = (rows: Int, outputs: Int, inputs: Int)

/// Memory that a pass needs beside its activations: a part for every thread of a pool, and one that they share.
@safe package struct WorkerScratch: Sendable {
    let countEach: Int
    /// Floats of ``sums``.
    var sumsCount: Int { place.sumsCount }
    private let threads: Int
    private let storage: AlignedStorage
    private let place: ScratchPlace

    /// Memory of its own: `countEach` floats for each of `threads` workers, or what a product needs if that is more,
    /// and room for the products of these shapes.
    package init(
        threads: Int, countEach: Int = 0, products: [ProductShape] = [], integerProducts: [ProductShape] = []
    ) {
        var plan = ArenaPlan()
        let place = plan.scratch(
            countEach: countEach, products: products, integerProducts: integerProducts)
        self.init(
            place, in: AlignedStorage(uninitialised: place.arenaCount(threads: threads)), threads: threads)
    }

    /// A part of an arena.
    init(_ place: ScratchPlace, in storage: AlignedStorage, threads: Int) {
        precondition(place.arenaCount(threads: threads) <= storage.count)
        countEach = place.countEach
        self.threads = threads
        self.storage = storage
        self.place = place
    }

    /// Whether `threads` workers have `count` floats each.
    func holds(_ count: Int, threads: Int) -> Bool { count <= countEach && threads <= self.threads }

    /// A worker's part.
    func part(_ worker: Int) -> UnsafeMutablePointer<Float> {
        unsafe storage.start + place.parts + worker * countEach
    }

    /// Sums of blocks of activations, of one product at a time.
    var sums: UnsafeMutablePointer<Float> { unsafe storage.start + place.sums }

    /// Activations rounded to integers, of one product at a time.
    var integers: UnsafeMutablePointer<Int16> {
        unsafe UnsafeMutableRawPointer(storage.start + place.integers).assumingMemoryBound(to: Int16.self)
    }

    /// Their scales.
    var integerScales: UnsafeMutablePointer<Float> { unsafe storage.start + place.integerScales }

    /// Whether `[rows, inputs]` rounded to integers fit.
    func holdsIntegers(rows: Int, inputs: Int) -> Bool {
        floats(ofIntegers: firstlead_int16_rows_count(rows, inputs)) <= place.integersCount
            && firstlead_int16_row_scales_count(rows, inputs) <= place.integerScalesCount
    }
}

/// What the products of a pass need beside their operands.
enum ProductRoom {
    /// Floats for every worker: `count`, or what the products need if that is more.
    static func countEach(
        atLeast count: Int, products: [ProductShape], integerProducts: [ProductShape]
    ) -> Int {
        var needed = products.isEmpty ? count : max(count, firstlead_product_scratch_count())
        if !integerProducts.isEmpty { needed = max(needed, firstlead_int16_scratch_count()) }
        // A cache line more than needed keeps two workers off the same line.
        return (needed + 31) / 16 * 16
    }

    /// Floats for the sums of blocks of the largest product's activations.
    static func sums(_ products: [ProductShape]) -> Int {
        products.map { firstlead_sums_count($0.rows, $0.outputs, $0.inputs) }.max() ?? 0
    }

    /// Floats for the largest product's activations as integers.
    static func integers(_ products: [ProductShape]) -> Int {
        products.map { floats(ofIntegers: firstlead_int16_rows_count($0.rows, $0.inputs)) }.max() ?? 0
    }

    /// Floats for the scales of those.
    static func integerScales(_ products: [ProductShape]) -> Int {
        products.map { firstlead_int16_row_scales_count($0.rows, $0.inputs) }.max() ?? 0
    }
}

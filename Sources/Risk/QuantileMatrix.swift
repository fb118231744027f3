import CXGBoost

/// A training matrix that holds each value as the number of its bin, one byte instead of eight: built from batches, so that
/// no more than one of them is in memory as numbers.
///
/// The library asks for the batches several times, and takes quantiles of all of them before it quantises.
@safe final class QuantileMatrix {
    let handle: DMatrixHandle

    /// Throws: ``BoosterError`` `library`, or what a batch is refused for.
    init(_ batches: RowBatches, labels: [Float], bins: Int, threads: Int) throws(BoosterError) {
        let feed = try BatchFeed(batches, labels: labels)
        let config = "{\"missing\": NaN, \"nthread\": \(threads), \"max_bin\": \(bins)}"
        var created: DMatrixHandle?
        let code = unsafe XGQuantileDMatrixCreateFromCallback(
            Unmanaged.passUnretained(feed).toOpaque(), feed.proxy, nil,
            { unsafe BatchFeed.at($0)?.reset() }, { unsafe BatchFeed.at($0)?.next() ?? 0 }, config, &created)
        if let refusal = feed.refusal { throw refusal }
        try XGBoostLibrary.check("XGQuantileDMatrixCreateFromCallback", code)
        guard let created = unsafe created else {
            throw .library(call: "XGQuantileDMatrixCreateFromCallback", message: "no handle")
        }
        unsafe handle = unsafe created
    }

    deinit { unsafe _ = XGDMatrixFree(handle) }
}

/// Hands one batch after the other to the library through a proxy matrix.
@safe private final class BatchFeed {
    let proxy: DMatrixHandle
    private(set) var refusal: BoosterError?
    private let batches: RowBatches
    private let labels: [Float]
    /// What the proxy points to: it must stay until the next batch.
    private let values: UnsafeMutableBufferPointer<Float>
    private var start = 0

    init(_ batches: RowBatches, labels: [Float]) throws(BoosterError) {
        self.batches = batches
        self.labels = labels
        var created: DMatrixHandle?
        try XGBoostLibrary.check("XGProxyDMatrixCreate", unsafe XGProxyDMatrixCreate(&created))
        guard let created = unsafe created else {
            throw .library(call: "XGProxyDMatrixCreate", message: "no handle")
        }
        unsafe proxy = unsafe created
        unsafe values = .allocate(
            capacity: min(RowBatches.batchSize, batches.rowCount) * batches.featureCount)
        unsafe values.initialize(repeating: 0)
    }

    deinit {
        unsafe _ = XGDMatrixFree(proxy)
        unsafe values.deallocate()
    }

    static func at(_ address: UnsafeMutableRawPointer?) -> BatchFeed? {
        unsafe address.map { unsafe Unmanaged<BatchFeed>.fromOpaque($0).takeUnretainedValue() }
    }

    func reset() { start = 0 }

    /// 1 with the next batch in the proxy, 0 after the last or when one was refused.
    func next() -> CInt {
        guard start < batches.rowCount, refusal == nil else { return 0 }
        let range = start..<min(batches.rowCount, start + RowBatches.batchSize)
        do {
            try place(range)
        } catch {
            refusal = error
            return 0
        }
        start = range.upperBound
        return 1
    }

    private func place(_ range: Range<Int>) throws(BoosterError) {
        let rows: [Float]
        do throws(FeatureError) { rows = try batches.rows(range) } catch {
            throw .library(call: "rows \(range)", message: "\(error)")
        }
        guard rows.count == range.count * batches.featureCount else {
            throw .width(found: rows.count, expected: range.count * batches.featureCount)
        }
        if let place = rows.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(feature: place % batches.featureCount)
        }
        _ = unsafe values.update(from: rows)
        let array = """
            {"data": [\(unsafe UInt(bitPattern: values.baseAddress)), true], \
            "shape": [\(range.count), \(batches.featureCount)], "typestr": "<f4", "version": 3}
            """
        try XGBoostLibrary.check(
            "XGProxyDMatrixSetDataDense", unsafe XGProxyDMatrixSetDataDense(proxy, array))
        let truths = Array(labels[range])
        try XGBoostLibrary.check(
            "XGDMatrixSetFloatInfo",
            unsafe XGDMatrixSetFloatInfo(proxy, "label", truths, bst_ulong(truths.count)))
    }
}

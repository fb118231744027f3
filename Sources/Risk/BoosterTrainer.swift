import CXGBoost

/// Trains a head with libxgboost.
package enum BoosterTrainer {
    /// Trains on scaled features and labels 0 or 1, `[rows]`; returns the booster in XGBoost's JSON, its thresholds halfway
    /// between the rows that they part: see ``BoosterModel/centred(on:)``.
    ///
    /// Equal rows, labels and parameters give equal bytes, for any number of threads. `progress` is called
    /// after each round with the rounds done and the rounds in all.
    /// Throws: ``BoosterError`` `parameter`, `labelCount`, `label`, `oneClass` or `library`.
    package static func train(
        rows: FeatureMatrix, labels: [Float], parameters: BoosterParameters, threads: Int,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(BoosterError) -> [UInt8] {
        try parameters.validate()
        try check(labels, rowCount: rows.rowCount)
        let threads = max(1, threads)
        try XGBoostLibrary.silence()
        let distinct = try trainingRows { () throws(FeatureError) in try rows.withoutNarrowGaps() }
        let matrix = try TrainingMatrix(rows: distinct, labels: labels, threads: threads)
        let json = try withExtendedLifetime(matrix) { () throws(BoosterError) in
            try unsafe boost(matrix.handle, parameters, threads, progress)
        }
        let width = rows.featureCount
        let batches = RowBatches(rowCount: rows.rowCount, featureCount: width) { range in
            Array(rows.values[range.lowerBound * width..<range.upperBound * width])
        }
        return try centred(json, on: batches)
    }

    /// The same of rows that come in batches. Up to ``wholeRows`` they are trained on as one matrix, to the same bytes;
    /// beyond, quantised batch by batch, in a fraction of the memory: bins are then quantiles that the library
    /// approximates over batches. The exact method has no bins and always takes the whole.
    ///
    /// Throws: ``BoosterError`` as above, `width` or `notFinite`.
    package static func train(
        batches: RowBatches, labels: [Float], parameters: BoosterParameters, threads: Int,
        wholeRows: Int = Self.wholeRows, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(BoosterError) -> [UInt8] {
        guard batches.rowCount > wholeRows, parameters.treeMethod == .histogram else {
            let rows = try trainingRows { () throws(FeatureError) in
                try FeatureMatrix(
                    values: batches.rows(0..<batches.rowCount), rowCount: batches.rowCount,
                    featureCount: batches.featureCount)
            }
            return try train(
                rows: rows, labels: labels, parameters: parameters, threads: threads, progress: progress)
        }
        try parameters.validate()
        try check(labels, rowCount: batches.rowCount)
        try XGBoostLibrary.silence()
        let matrix = try QuantileMatrix(
            batches, labels: labels, bins: parameters.maximumBins, threads: max(1, threads))
        let json = try withExtendedLifetime(matrix) { () throws(BoosterError) in
            try unsafe boost(matrix.handle, parameters, max(1, threads), progress)
        }
        return try centred(json, on: batches)
    }

    private static func centred(_ json: [UInt8], on batches: RowBatches) throws(BoosterError) -> [UInt8] {
        let model = try BoosterModel(json: json)
        return try trainingRows { () throws(FeatureError) in try model.centred(on: batches).json }
    }

    /// What is made of the rows, or the library's error that they are none.
    private static func trainingRows<Made>(
        _ make: () throws(FeatureError) -> Made
    ) throws(BoosterError) -> Made {
        do throws(FeatureError) { return try make() } catch {
            throw .library(call: "training rows", message: "\(error)")
        }
    }

    /// Rows up to which a matrix is built whole: 100 MB of 1,536 features.
    package static let wholeRows = 16_384

    private static func boost(
        _ matrix: DMatrixHandle, _ parameters: BoosterParameters, _ threads: Int,
        _ progress: (_ done: Int, _ total: Int) -> Void
    ) throws(BoosterError) -> [UInt8] {
        let owner = try unsafe BoosterOwner(
            parameters: [("nthread", "\(threads)")] + parameters.library, data: matrix)
        for round in 0..<parameters.rounds {
            let code = unsafe XGBoosterUpdateOneIter(owner.handle, CInt(round), matrix)
            try XGBoostLibrary.check("XGBoosterUpdateOneIter", code)
            progress(round + 1, parameters.rounds)
        }
        return try json(of: owner)
    }

    private static func check(_ labels: [Float], rowCount: Int) throws(BoosterError) {
        guard labels.count == rowCount else { throw .labelCount(found: labels.count, expected: rowCount) }
        for (row, label) in labels.enumerated() where label != 0 && label != 1 {
            throw .label(row: row, found: label)
        }
        for missing in 0...1 where !labels.contains(Float(missing)) { throw .oneClass(missing: missing) }
    }

    private static func json(of owner: BoosterOwner) throws(BoosterError) -> [UInt8] {
        var count: bst_ulong = 0
        var bytes: UnsafePointer<CChar>?
        let code = unsafe XGBoosterSaveModelToBuffer(owner.handle, #"{"format": "json"}"#, &count, &bytes)
        try XGBoostLibrary.check("XGBoosterSaveModelToBuffer", code)
        return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
}

/// Owns a training matrix of the C library: its own copy of the rows, and the labels.
@safe private final class TrainingMatrix {
    let handle: DMatrixHandle

    init(rows: FeatureMatrix, labels: [Float], threads: Int) throws(BoosterError) {
        var created: DMatrixHandle?
        let code = unsafe XGDMatrixCreateFromMat_omp(
            rows.values, bst_ulong(rows.rowCount), bst_ulong(rows.featureCount), .nan, &created,
            CInt(threads))
        try XGBoostLibrary.check("XGDMatrixCreateFromMat_omp", code)
        guard let created = unsafe created else {
            throw .library(call: "XGDMatrixCreateFromMat_omp", message: "no handle")
        }
        unsafe handle = unsafe created
        let labelled = unsafe XGDMatrixSetFloatInfo(handle, "label", labels, bst_ulong(labels.count))
        try XGBoostLibrary.check("XGDMatrixSetFloatInfo", labelled)
    }

    deinit { unsafe _ = XGDMatrixFree(handle) }
}

private import CXGBoost

/// Trains a head with libxgboost.
package enum BoosterTrainer {
    /// Trains on scaled features and labels 0 or 1, `[rows]`; returns the booster in XGBoost's JSON.
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
        let matrix = try TrainingMatrix(rows: rows, labels: labels, threads: threads)
        let owner = try unsafe BoosterOwner(
            parameters: [("nthread", "\(threads)")] + parameters.library, data: matrix.handle)
        for round in 0..<parameters.rounds {
            let code = unsafe XGBoosterUpdateOneIter(owner.handle, CInt(round), matrix.handle)
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

/// Scaled features of many records, a few at a time: they need not all be in memory at once.
package struct RowBatches {
    package let rowCount: Int
    package let featureCount: Int
    /// The named rows, `[rows, features]`; may be asked for again.
    let rows: (Range<Int>) throws(FeatureError) -> [Float]

    package init(
        rowCount: Int, featureCount: Int, _ rows: @escaping (Range<Int>) throws(FeatureError) -> [Float]
    ) {
        self.rowCount = rowCount
        self.featureCount = featureCount
        self.rows = rows
    }

    /// Rows of one batch: few enough to be cheap beside the quantised matrix.
    static let batchSize = 4_096
}

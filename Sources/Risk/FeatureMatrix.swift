/// Features of a cohort, `[rows, features]`, row after row, all finite.
package struct FeatureMatrix: Sendable, Equatable {
    package let values: [Float]
    package let rowCount: Int
    package let featureCount: Int

    /// Takes a matrix that is stored row after row.
    ///
    /// Throws: ``FeatureError`` when the counts do not multiply to the number of values, or one of them is
    /// not finite.
    package init(values: [Float], rowCount: Int, featureCount: Int) throws(FeatureError) {
        let (expected, overflow) = rowCount.multipliedReportingOverflow(by: featureCount)
        guard rowCount > 0, featureCount > 0, !overflow, values.count == expected else {
            throw .shape(rows: rowCount, features: featureCount, values: values.count)
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: place / featureCount, feature: place % featureCount)
        }
        self.values = values
        self.rowCount = rowCount
        self.featureCount = featureCount
    }

    /// One row's features.
    package subscript(row: Int) -> ArraySlice<Float> {
        values[row * featureCount..<(row + 1) * featureCount]
    }

    /// The named rows, in the order given; at least one.
    package func selecting(rows: [Int]) throws(FeatureError) -> FeatureMatrix {
        var selected: [Float] = []
        selected.reserveCapacity(rows.count * featureCount)
        for row in rows { selected.append(contentsOf: self[row]) }
        return try FeatureMatrix(values: selected, rowCount: rows.count, featureCount: featureCount)
    }
}

/// Why numbers are no features that can be scaled or scored.
package enum FeatureError: Error, Sendable, Equatable {
    /// Rows times features is not the number of values, or there are none.
    case shape(rows: Int, features: Int, values: Int)
    case notFinite(row: Int, feature: Int)
    /// A vector is not as wide as the model or the scaler.
    case width(found: Int, expected: Int)
    /// A feature's minimum and maximum are not an ordered pair of finite numbers with a finite difference.
    case range(feature: Int, minimum: Float, maximum: Float)
}

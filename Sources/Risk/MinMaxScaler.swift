/// Maps each feature to [0, 1] by the smallest and the largest value it has in the development set.
///
/// `(x - minimum) / (maximum - minimum)` in single precision: one subtraction and one division, each rounded
/// once, so equal input gives equal bits. As with scikit-learn's MinMaxScaler by default, values beyond the
/// development set's range are kept (below 0 or above 1) and not clipped. A feature that is constant in the
/// development set becomes 0, whatever its value.
package struct MinMaxScaler: Sendable, Equatable {
    /// Smallest value of each feature, `[features]`.
    package let minimum: [Float]
    /// Largest value of each feature, `[features]`.
    package let maximum: [Float]

    package var featureCount: Int { minimum.count }

    /// Takes stored ranges, `[features]` each.
    ///
    /// Throws: ``FeatureError`` `width` or `range`.
    package init(minimum: [Float], maximum: [Float]) throws(FeatureError) {
        guard !minimum.isEmpty, minimum.count == maximum.count else {
            throw .width(found: maximum.count, expected: minimum.count)
        }
        for (feature, (low, high)) in zip(minimum, maximum).enumerated() {
            guard low.isFinite, high.isFinite, low <= high, (high - low).isFinite else {
                throw .range(feature: feature, minimum: low, maximum: high)
            }
        }
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Takes the ranges of the development set; a test row must never be among `rows`.
    ///
    /// Throws: ``FeatureError`` `range` when a feature's range overflows single precision.
    package init(fittingTo rows: FeatureMatrix) throws(FeatureError) {
        try self.init(fittingTo: (0..<rows.rowCount).lazy.map { Array(rows[$0]) })
    }

    /// The same of rows that lie apart, `[features]` each.
    ///
    /// Throws: ``FeatureError`` `width` when they are not equally long, `notFinite`, or `range`.
    package init(fittingTo rows: some Collection<[Float]>) throws(FeatureError) {
        var low = rows.first ?? []
        var high = low
        for (row, values) in rows.enumerated() {
            guard values.count == low.count else { throw .width(found: values.count, expected: low.count) }
            for (feature, value) in values.enumerated() {
                guard value.isFinite else { throw .notFinite(row: row, feature: feature) }
                if value < low[feature] { low[feature] = value }
                if value > high[feature] { high[feature] = value }
            }
        }
        try self.init(minimum: low, maximum: high)
    }

    /// One ECG's features, `[features]`, scaled.
    ///
    /// Throws: ``FeatureError`` `width`, or `notFinite` (the row is 0).
    package func transform(_ features: [Float]) throws(FeatureError) -> [Float] {
        try transform(features[...])
    }

    /// The same of a part of an array. Not of any collection: modules that call such a function pay for each number.
    package func transform(_ features: ArraySlice<Float>) throws(FeatureError) -> [Float] {
        try check(features)
        var scaled: [Float] = []
        scaled.reserveCapacity(features.count)
        for (feature, value) in features.enumerated() {
            let low = minimum[feature]
            let span = maximum[feature] - low
            scaled.append(span > 0 ? (value - low) / span : 0)
        }
        return scaled
    }

    /// Every row, scaled.
    ///
    /// Throws: ``FeatureError`` `width`.
    package func transform(_ rows: FeatureMatrix) throws(FeatureError) -> FeatureMatrix {
        var scaled: [Float] = []
        scaled.reserveCapacity(rows.values.count)
        for row in 0..<rows.rowCount { scaled.append(contentsOf: try transform(rows[row])) }
        return try FeatureMatrix(values: scaled, rowCount: rows.rowCount, featureCount: rows.featureCount)
    }

    /// How many features of one ECG lie outside the development set's range: many of them mean that the ECG
    /// is unlike those the model was made from.
    ///
    /// Throws: ``FeatureError`` `width` or `notFinite`.
    package func countOutsideRange(_ features: [Float]) throws(FeatureError) -> Int {
        try check(features[...])
        var count = 0
        for (feature, value) in features.enumerated()
        where value < minimum[feature] || value > maximum[feature] { count += 1 }
        return count
    }

    private func check(_ features: ArraySlice<Float>) throws(FeatureError) {
        guard features.count == featureCount else {
            throw .width(found: features.count, expected: featureCount)
        }
        for (feature, value) in features.enumerated() where !value.isFinite {
            throw .notFinite(row: 0, feature: feature)
        }
    }
}

/// `{"minimum": [...], "maximum": [...]}`; single precision survives the text exactly.
extension MinMaxScaler: Codable {
    private enum Key: String, CodingKey { case minimum, maximum }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let minimum = try values.decode([Float].self, forKey: .minimum)
        let maximum = try values.decode([Float].self, forKey: .maximum)
        do throws(FeatureError) {
            try self.init(minimum: minimum, maximum: maximum)
        } catch {
            throw DecodingError.dataCorruptedError(
                forKey: .maximum, in: values, debugDescription: "the scaler's ranges are wrong: \(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(minimum, forKey: .minimum)
        try values.encode(maximum, forKey: .maximum)
    }
}

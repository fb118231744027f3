extension FeatureMatrix {
    /// Of the range of a scaled feature, 0 to 1: values nearer to each other are one value to the trainer. A hundred
    /// times what single precision rounds away of an embedding, several times what 16-bit integers do.
    private static let narrowest: Float = 0x1p-13
    /// Values that follow one another closely make one no longer than this.
    private static let longest: Float = 8 * narrowest

    /// The same rows, of each feature the values that are too near to tell apart replaced by the least of them, so that no
    /// tree parts rows by what is hardly more than the rounding of an encoder.
    func withoutNarrowGaps() throws(FeatureError) -> FeatureMatrix {
        var merged = values
        for feature in 0..<featureCount {
            let places = (0..<rowCount).map { $0 * featureCount + feature }.sorted { values[$0] < values[$1] }
            var first = values[places[0]]
            var before = first
            for place in places {
                let value = values[place]
                if value - before >= Self.narrowest || value - first >= Self.longest { first = value }
                before = value
                merged[place] = first
            }
        }
        return try FeatureMatrix(values: merged, rowCount: rowCount, featureCount: featureCount)
    }
}

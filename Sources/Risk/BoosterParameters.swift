/// How a head is trained: the paper's hyperparameters where it gives them, else XGBoost's defaults.
package struct BoosterParameters: Sendable, Equatable, Codable {
    /// How splits are found, by XGBoost's names.
    package enum TreeMethod: String, Sendable, Codable {
        /// Splits between bins of each feature: what XGBoost 2 and later do by default. Equal bits for any
        /// number of threads.
        case histogram = "hist"
        /// Every split between neighbouring values, in less memory on small cohorts: the default of
        /// XGBoost 1 there.
        case exact
    }

    /// Boosting rounds, one tree each. The paper does not say how many; 100 is the default of XGBoost's
    /// scikit-learn interface.
    package var rounds = 100
    /// Splits between a root and a leaf. Paper: 6.
    package var maximumDepth = 6
    /// Share of each tree's leaf values that is added. Paper: 0.1.
    package var learningRate: Float = 0.1
    /// Share of the rows that each tree sees. Paper: 0.8.
    package var subsample: Float = 0.8
    /// Share of the features that each tree sees. Paper: 0.8.
    package var columnSampleByTree: Float = 0.8
    /// The histogram is what XGBoost 2 and later do unasked, and the only method whose time stays in proportion
    /// to the rows; at 4,650 rows of 1,536 features both take the same time, and exact a fifth of the memory.
    package var treeMethod = TreeMethod.histogram
    /// Bins of each feature, for ``TreeMethod/histogram``.
    package var maximumBins = 256
    /// The probability that boosting starts from.
    package var baseScore: Float = 0.5
    /// Seed of the row and feature samples.
    package var seed: UInt32 = 0

    package init() {}

    /// Throws: ``BoosterError`` `parameter` for the first value that is out of its range.
    package func validate() throws(BoosterError) {
        try check("rounds", rounds, in: 1...BoosterLimits.trees)
        try check("maximumDepth", maximumDepth, in: 1...16)
        try check("maximumBins", maximumBins, in: 2...65_536)
        for (name, share) in [
            ("learningRate", learningRate), ("subsample", subsample),
            ("columnSampleByTree", columnSampleByTree),
        ] {
            guard share > 0, share <= 1 else {
                throw .parameter(name: name, expected: "above 0, at most 1", found: "\(share)")
            }
        }
        guard baseScore > 0, baseScore < 1 else {
            throw .parameter(name: "baseScore", expected: "between 0 and 1", found: "\(baseScore)")
        }
        guard seed <= Int32.max else {
            throw .parameter(name: "seed", expected: "at most \(Int32.max)", found: "\(seed)")
        }
    }

    private func check(_ name: String, _ value: Int, in range: ClosedRange<Int>) throws(BoosterError) {
        guard range.contains(value) else {
            throw .parameter(
                name: name, expected: "\(range.lowerBound)...\(range.upperBound)", found: "\(value)")
        }
    }

    /// The same in XGBoost's words.
    var library: [(name: String, value: String)] {
        var parameters = [
            ("booster", "gbtree"), ("objective", "binary:logistic"), ("eta", "\(learningRate)"),
            ("max_depth", "\(maximumDepth)"), ("subsample", "\(subsample)"),
            ("colsample_bytree", "\(columnSampleByTree)"), ("tree_method", treeMethod.rawValue),
            ("base_score", "\(baseScore)"), ("seed", "\(seed)"),
        ]
        if treeMethod == .histogram { parameters.append(("max_bin", "\(maximumBins)")) }
        return parameters
    }
}

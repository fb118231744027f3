private import Risk

/// The paper's split: records are drawn at random, positives and negatives apart, so that both sides have the
/// cohort's share of positives to within one record.
///
/// Records of one patient may fall on both sides; ``GroupedStratifiedSplit`` prevents that.
package enum StratifiedSplit {
    /// Throws: ``SplitError`` `share` or `classMissing`.
    package static func split(
        isPositive: [Bool], testShare: Double = 0.2, seed: UInt64
    ) throws(SplitError) -> Split {
        let target = try SplitTarget(isPositive: isPositive, testShare: testShare)
        var generator = SplitMix64(seed: seed)
        let positives = generator.shuffled(isPositive.indices.filter { isPositive[$0] })
        let negatives = generator.shuffled(isPositive.indices.filter { !isPositive[$0] })
        let split = Split(
            test: positives.prefix(target.positives) + negatives.prefix(target.negatives),
            of: isPositive.count)
        try split.check(isPositive)
        return split
    }

    /// The paper's ten reshuffles: independent splits, one seed drawn for each.
    ///
    /// Throws: ``SplitError`` `share` or `classMissing`.
    package static func reshuffles(
        _ count: Int = 10, isPositive: [Bool], testShare: Double = 0.2, seed: UInt64
    ) throws(SplitError) -> [Split] {
        var generator = SplitMix64(seed: seed)
        var splits: [Split] = []
        for _ in 0..<count {
            splits.append(
                try split(isPositive: isPositive, testShare: testShare, seed: generator.next()))
        }
        return splits
    }
}

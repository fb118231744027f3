import Training

/// Which row has the highest mean AUROC, and whether that is more than chance.
package struct Verdict: Sendable {
    /// The row with the highest mean AUROC.
    package let best: String
    /// The best row against the paper's fusion, or the fusion against the nearest row when it is the best.
    package let comparison: Comparison
    /// Whether the corrected test finds the difference at .05, Holm-adjusted over all rows.
    package let isSignificant: Bool

    /// Nil when there is nothing to compare.
    init?(_ findings: SeriesFindings) {
        let ranked = findings.methods.map { ($0.method.name, Spread($0.method.areasUnderROC).mean) }
        guard let best = ranked.max(by: { $0.1 < $1.1 }), let fusion = findings.fusion?.method.name else {
            return nil
        }
        let all = findings.comparisons + findings.extraComparisons
        let compared =
            best.0 == fusion
            ? all.min { abs($0.areaUnderROC.difference) < abs($1.areaUnderROC.difference) }
            : all.first { $0.method == best.0 || $0.other == best.0 }
        guard let compared else { return nil }
        self.best = best.0
        comparison = compared
        isSignificant = compared.adjusted[0] < 0.05
    }

    /// For people: which row leads, by how much, and how sure that is.
    package var sentence: String {
        let test = comparison.areaUnderROC
        let size = test.difference.magnitude
        let bounds = [test.lower, test.upper].map { test.difference < 0 ? -$0 : $0 }.sorted()
        let than = comparison.other == best ? comparison.method : comparison.other
        return "\(best) has the highest mean AUROC, \(size.decimals(3)) (\(bounds[0].decimals(3)) to "
            + "\(bounds[1].decimals(3))) above \(than): "
            + (isSignificant ? "significant" : "not significant")
            + " (corrected t test, Holm-adjusted p \(comparison.adjusted[0].asPValue))."
    }
}

extension SeriesFindings {
    /// Which row wins.
    package var verdict: Verdict? { Verdict(self) }
}

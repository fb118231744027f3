package import Training

/// Something that must come out in a known way if the experiment is done right.
package struct SanityFinding: Sendable {
    /// The row that was computed for it.
    package let method: String
    /// What it is compared with: "chance" or a row.
    package let reference: String
    /// Mean AUROC of the row.
    package let areaUnderROC: Double
    /// The difference of AUROC, corrected for overlapping reshuffles.
    package let test: ResampledTest
    /// Whether it came out as it must: no more than chance, or no gain.
    package let holds: Bool

    /// A difference is taken for real from this p value down; a sound run fails one check in a hundred by chance.
    package static let level = 0.01

    /// The row must not differ from 0.5.
    init(chance method: Experiment.Method, _ split: Split) throws(MetricError) {
        try self.init(method, reference: "chance", method.areasUnderROC.map { $0 - 0.5 }, split) {
            $0.pValue >= Self.level
        }
    }

    /// The row must not be better than the other.
    init(
        noGain method: Experiment.Method, over other: Experiment.Method, _ split: Split
    ) throws(MetricError) {
        let gains = zip(method.areasUnderROC, other.areasUnderROC).map { $0 - $1 }
        try self.init(method, reference: other.name, gains, split) {
            $0.pValue >= Self.level || $0.difference <= 0
        }
    }

    private init(
        _ method: Experiment.Method, reference: String, _ differences: [Double], _ split: Split,
        holds: (ResampledTest) -> Bool
    ) throws(MetricError) {
        self.method = method.name
        self.reference = reference
        areaUnderROC = Spread(method.areasUnderROC).mean
        test = try ResampledTest(
            differences: differences, developmentCount: split.development.count, testCount: split.test.count)
        self.holds = holds(test)
    }

    /// All checks of a series; empty when none was asked for.
    static func findings(of series: Experiment.Series) throws(MetricError) -> [SanityFinding] {
        var findings: [SanityFinding] = []
        for check in series.checks {
            guard check.id.hasSuffix("-twice") else {
                findings.append(try .init(chance: check, series.splits[0]))
                continue
            }
            let once = series.methods.first { $0.id == check.id.dropLast("-twice".count) + "-xgb" }
            if let once { findings.append(try .init(noGain: check, over: once, series.splits[0])) }
        }
        return findings
    }

    /// "ST-MEM twice: AUROC 0.639, 0.001 (-0.010 to 0.012) against ST-MEM: as it must be".
    package var sentence: String {
        "\(method): AUROC \(areaUnderROC.decimals(3)), \(test.difference.decimals(3)) "
            + "(\(test.lower.decimals(3)) to \(test.upper.decimals(3))) against \(reference): "
            + (holds ? "as it must be" : "NOT as it must be, p \(test.pValue.decimals(4))")
    }
}

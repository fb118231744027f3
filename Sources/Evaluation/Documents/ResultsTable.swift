import Training

/// The paper's Table 1 for a cohort, beside the paper's own figures, as text.
package struct ResultsTable: Sendable {
    package let experiment: Experiment
    package let findings: [SeriesFindings]

    package init(_ document: EvaluationDocument) {
        experiment = document.experiment
        findings = document.findings
    }

    package var text: String { findings.map(text).joined(separator: "\n\n") }

    private static let widths = [20, 16, 16, 14, 0]

    private func text(_ found: SeriesFindings) -> String {
        let series = found.series
        let rows =
            [["", "this cohort", "", "MEDIC (paper)"], ["Method", "AUROC", "AUCPR", "AUROC", "AUCPR"]]
            + PublishedResult.medic.map { row($0, series) } + series.furtherMethods.map(row)
        let lines = rows.map { cells in
            let line = zip(cells, Self.widths).map { $0.column($1) }.joined()
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        let sentences = (found.comparisons + found.extraComparisons).map(Self.sentence)
        var text = [heading(series)] + lines
        text += notes(series)
        text += sentences
        text += found.verdict.map { [$0.sentence] } ?? []
        text += found.sanity.map(\.sentence)
        return text.joined(separator: "\n")
    }

    private func heading(_ series: Experiment.Series) -> String {
        let plan = experiment.plan
        return "\(experiment.cohort.records.count) ECGs of \(experiment.cohort.patientCount) patients, "
            + "\(experiment.cohort.positiveCount) positive; \(plan.reshuffles) stratified reshuffles by "
            + "\(series.grouping.rawValue), test part \(plan.training.testFraction), mean ± SD"
    }

    private func row(_ published: PublishedResult, _ series: Experiment.Series) -> [String] {
        let own = series.methods.first { $0.name == published.name }
        return [
            published.name, Self.shown(own?.areasUnderROC), Self.shown(own?.averagePrecisions),
            published.areaUnderROC.decimals(3), published.averagePrecision.decimals(3),
        ]
    }

    /// A row that the paper does not have.
    private func row(_ method: Experiment.Method) -> [String] {
        [method.name, Self.shown(method.areasUnderROC), Self.shown(method.averagePrecisions), "-", "-"]
    }

    private func notes(_ series: Experiment.Series) -> [String] {
        let shared = series.sharedPatients(experiment.cohort)
        guard shared > 0 else { return [] }
        let mean = (Double(shared) / Double(series.splits.count)).decimals(1)
        return ["In each reshuffle \(mean) patients on average have ECGs in both parts."]
    }

    /// "Fusion - ST-MEM: AUROC 0.060 (0.010 to 0.110), p 0.024; AUCPR ..., p Holm-adjusted".
    static func sentence(_ comparison: Comparison) -> String {
        func part(_ name: String, _ test: ResampledTest, _ adjusted: Double) -> String {
            "\(name) \(test.difference.decimals(3)) (\(test.lower.decimals(3)) to \(test.upper.decimals(3))), "
                + "p \(adjusted.asPValue)"
        }
        return "\(comparison.method) - \(comparison.other): "
            + part("AUROC", comparison.areaUnderROC, comparison.adjusted[0]) + "; "
            + part("AUCPR", comparison.averagePrecision, comparison.adjusted[1])
            + "; pooled AUROC by DeLong p \(comparison.adjusted[2].asPValue) (p Holm-adjusted)"
    }

    /// "0.843 ± 0.006".
    static func shown(_ values: [Double]?) -> String {
        guard let values else { return "-" }
        let spread = Spread(values)
        return "\(spread.mean.decimals(3)) ± \(spread.standardDeviation.decimals(3))"
    }
}

import Training

/// The tables of one grouping, as HTML.
struct ReportTables {
    let found: SeriesFindings
    let document: EvaluationDocument

    /// Table 1 of the paper beside the paper's figures.
    var results: String {
        let rows = PublishedResult.medic.map { published in
            let own = found.series.methods.first { $0.name == published.name }
            return [
                published.name, ResultsTable.shown(own?.areasUnderROC),
                ResultsTable.shown(own?.averagePrecisions), published.areaUnderROC.decimals(3),
                published.averagePrecision.decimals(3),
            ]
        }
        let further = found.series.furtherMethods.map { method in
            [
                method.name, ResultsTable.shown(method.areasUnderROC),
                ResultsTable.shown(method.averagePrecisions), "-", "-",
            ]
        }
        return Self.table(
            ["mean ± SD", "AUROC", "AUCPR", "MEDIC (paper) AUROC", "MEDIC (paper) AUCPR"], rows + further)
    }

    var note: String {
        let shared = found.series.sharedPatients(document.experiment.cohort)
        let leak =
            shared == 0
            ? ""
            : " Patients with ECGs in both parts: "
                + "\((Double(shared) / Double(found.series.splits.count)).decimals(1)) a reshuffle on average."
        return """
            <p class="note">Reshuffles share most of their ECGs: the SD is no standard error. The paper's figures belong \
            to its private cohort; its baseline is not computed here.\(leak)</p>
            """
    }

    /// The paper's question: the fusion against each encoder.
    var comparisons: String { Self.table(found.comparisons) }

    /// Every further row against the fusion.
    var furtherRows: String {
        found.extraComparisons.isEmpty
            ? "" : "<h3>Beyond the paper, on the same splits</h3>" + Self.table(found.extraComparisons)
    }

    /// The fusion by sex and age.
    var subgroups: String {
        guard !found.subgroups.isEmpty else { return "" }
        let rows = found.subgroups.map { group in
            [
                group.name, "\(group.records)", "\(group.positives)",
                group.areaUnderROC.map { Self.shown($0) } ?? "-",
                group.averagePrecision.map { $0.decimals(3) } ?? "-",
                group.sensitivity.map { Self.shown($0) } ?? "-",
                group.specificity.map { Self.shown($0) } ?? "-",
            ]
        }
        return "<h3>The fusion by sex and age</h3>"
            + Self.table(["", "ECGs", "positive", "AUROC", "AUCPR", "sensitivity", "specificity"], rows)
                + """
                <p class="note">Pooled scores. AUROC with DeLong's 95 % interval; sensitivity and specificity with Wilson's, at the threshold \
                that gives all patients together a specificity of .90.</p>
                """
    }

    /// What abstaining on the most uncertain tenth changes.
    var abstention: String {
        found.methods.compactMap { method in
            guard let curve = method.riskCoverage, let all = curve.points.last else { return nil }
            let point = curve.point(coverage: RiskCoverage.decidedShare)
            return """
                <p class="note">\(method.method.name): abstaining where the members' scores spread by more than \
                \(point.spread.decimals(3)) decides on \((point.coverage * 100).decimals(1)) % of the ECGs, \
                \((point.errorRate * 100).decimals(1)) % of them wrongly at Youden's point, instead of \
                \((all.errorRate * 100).decimals(1)) % of all.</p>
                """
        }.joined(separator: "\n")
    }

    /// What must come out in a known way, and whether it did.
    var sanity: String {
        guard !found.sanity.isEmpty else { return "" }
        let lines = found.sanity.map { finding in
            "<li\(finding.holds ? "" : " class=\"warning\"")>\(finding.sentence.escaped)</li>"
        }
        return "<h3>Sanity checks</h3><ul>\(lines.joined(separator: "\n"))</ul>"
    }

    var verdict: String { found.verdict.map { "<p><strong>\($0.sentence.escaped)</strong></p>" } ?? "" }

    private static func table(_ comparisons: [Comparison]) -> String {
        func cell(_ test: ResampledTest, _ adjusted: Double) -> [String] {
            [
                "\(test.difference.decimals(3)) (\(test.lower.decimals(3)) to \(test.upper.decimals(3)))",
                adjusted.asPValue,
            ]
        }
        let rows = comparisons.map { comparison in
            let deLong = comparison.deLong
            return ["\(comparison.method) - \(comparison.other)"]
                + cell(comparison.areaUnderROC, comparison.adjusted[0])
                + cell(comparison.averagePrecision, comparison.adjusted[1]) + [
                    "\(deLong.difference.decimals(3)) (\(deLong.interval.lower.decimals(3)) to \(deLong.interval.upper.decimals(3)))",
                    comparison.adjusted[2].asPValue,
                ]
        }
        return Self.table(
            ["", "AUROC (corrected t)", "p", "AUCPR (corrected t)", "p", "pooled AUROC (DeLong)", "p"], rows)
                + """
                <p class="note">Differences with 95 % intervals; p values adjusted by Holm over the table. Corrected t: Nadeau \
                and Bengio 2003.</p>
                """
    }

    var pooled: String {
        let rows = found.methods.map { method in
            [
                method.method.name, Self.shown(method.areaUnderROC),
                Self.shown(method.areaByDeLong, only: true),
                Self.shown(method.averagePrecision), method.brierScore.decimals(3),
                (method.recalibration?.intercept ?? .nan).decimals(2),
                (method.recalibration?.slope ?? .nan).decimals(2), method.calibrationError.decimals(3),
            ]
        }
        let count = found.methods[0].pooled.scores.count
        return Self.table(
            ["", "AUROC", "by DeLong", "AUCPR", "Brier", "intercept", "slope", "ECE"], rows)
                + """
                <p class="note">Each of \(count) ECGs with its mean score over the reshuffles that tested it. Intervals: 95 %, \
                bootstrap over patients, and DeLong's. Intercept and slope of a logistic recalibration: 0 and 1 when calibrated.</p>
                """
    }

    var points: String {
        guard let fusion = found.fusion else { return "" }
        let scores = fusion.pooled.scores
        let own = Double(scores.positiveCount) / Double(scores.count)
        let prevalences = [own] + (document.sitePrevalence.map { [$0] } ?? [])
        let rows = fusion.points.map { point in
            [
                point.name, point.threshold.value.decimals(3), Self.shown(point.sensitivity),
                Self.shown(point.specificity),
            ]
                + prevalences.flatMap {
                    [
                        point.threshold.positivePredictiveValue(prevalence: $0).decimals(3),
                        point.threshold.negativePredictiveValue(prevalence: $0).decimals(3),
                    ]
                }
        }
        let heads = prevalences.flatMap {
            ["PPV at \(($0 * 100).decimals(1)) %", "NPV at \(($0 * 100).decimals(1)) %"]
        }
        return Self.table(["", "raw score from", "sensitivity", "specificity"] + heads, rows)
            + """
            <p class="note">Thresholds were chosen on the scores that they are measured on: on new ECGs expect a little \
            less. Intervals by Wilson. No point rules the condition out.</p>
            """
    }

    private static func shown(_ interval: Interval, only: Bool = false) -> String {
        let range = "\(interval.lower.decimals(3)) to \(interval.upper.decimals(3))"
        return only ? range : "\(interval.estimate.decimals(3)) (\(range))"
    }

    private static func table(_ heads: [String], _ rows: [[String]]) -> String {
        let head = heads.map { "<th>\($0.escaped)</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\($0.escaped)</td>" }.joined() + "</tr>" }.joined(
            separator: "\n")
        return "<table><thead><tr>\(head)</tr></thead>\n<tbody>\(body)</tbody></table>\n"
    }
}

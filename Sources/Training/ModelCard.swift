package import Scoring

/// The model card of a bundle, filled from its manifest.
package struct ModelCard {
    let manifest: Manifest

    package init(manifest: Manifest) { self.manifest = manifest }

    /// Markdown.
    package var text: String {
        [
            heading, use, cohort, characteristics, table, calibration, abstention, encoders, baseline, limits,
            reporting, run, attributions,
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var heading: String {
        """
        # Model card: \(manifest.name)

        **Not for clinical use.**

        | | |
        |---|---|
        | kind | \(manifest.kind.rawValue) |
        | predicts | \(manifest.target) |
        | made | \(manifest.created) by \(manifest.software.name) \(manifest.software.version) |
        | fusion | \(manifest.fusion.order.joined(separator: ", then ")); \(manifest.fusion.scaling) |
        | windows | \(manifest.fusion.windows) |

        """
    }

    private var use: String {
        """
        ## Intended use

        \(manifest.intendedUse)

        Out of scope: to rule a condition out, to replace a reading or a decision, ECGs of fewer or other than the twelve \
        standard leads, and patients of another kind than the cohort's.

        """
    }

    private var cohort: String {
        let cohort = manifest.cohort
        return """
            ## Cohort

            \(cohort.name): \(cohort.records) ECGs of \(cohort.patients) patients, \(cohort.positives) positive. \
            Parts: \(cohort.split); \(cohort.developmentRecords) for development, \(cohort.testRecords) for the test. \
            \(manifest.heads.contains { $0.origin != nil }
                ? "The boosters were trained elsewhere: the figures hold if they learnt from none of these ECGs."
                : "Scaling and boosting saw the development part only.")

            """ + excluded
    }

    /// As in a CONSORT flow diagram: what was left out, and why.
    private var excluded: String {
        guard let excluded = manifest.cohort.excluded else { return "" }
        let total = excluded.reduce(manifest.cohort.records) { $0 + $1.records }
        let reasons = excluded.map { "\($0.records) \($0.reason) (\($0.positives) positive)" }
        return "\nOf \(total) ECGs in the table were left out: \(reasons.joined(separator: ", ")).\n"
    }

    private var characteristics: String {
        guard let parts = manifest.cohort.parts else { return "" }
        var lines = [
            "| part | ECGs | positive | patients | age, mean (SD), known of | women, men | sites | months |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for part in parts {
            let age = part.meanAge.map {
                "\(Self.tenths($0)) (\(part.ageDeviation.map(Self.tenths) ?? "-")), \(part.agesKnown)"
            }
            let sites = part.sites > 0 ? "\(part.sites)" : "-"
            lines.append(
                "| \(part.part) | \(part.records) | \(part.positives) | \(part.patients) | \(age ?? "-") | "
                    + "\(part.women), \(part.men) | \(sites) | \(part.months ?? "-") |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var table: String {
        var lines = [
            "## Performance on the test part", "", "| model | AUROC | AUCPR | Brier |", "|---|---|---|---|",
        ]
        for head in manifest.heads {
            guard let metrics = head.metrics else { continue }
            lines.append(
                "| \(head.id) | \(Self.shown(metrics.auroc)) | \(Self.shown(metrics.auprc)) | "
                    + "\(Self.rounded(metrics.brier)) |")
        }
        if let metrics = manifest.heads.first?.metrics {
            lines += [
                "",
                "\(metrics.records) ECGs of \(metrics.patients) patients, \(metrics.positives) positive "
                    + "(a guess has an AUCPR of \(Self.rounded(Double(metrics.positives) / Double(metrics.records)))). "
                    + "Intervals: \(metrics.method).",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var calibration: String {
        guard let head = manifest.heads.first, let calibration = head.calibration else { return "" }
        var lines = [
            "## Calibration and operating points", "",
            "Probability of `\(head.id)`: logistic function of \(Self.rounded(calibration.intercept)) + \(Self.rounded(calibration.slope)) x margin, fitted to "
                + "\(calibration.records) scores \(calibration.folds > 0 ? "out of \(calibration.folds) folds " : "")of the development part. Thresholds were "
                + "chosen on these scores and measured on the test part; 95 % intervals by Wilson. No point rules "
                + "the condition out.",
            "", "| point | probability from | sensitivity | specificity |", "|---|---|---|---|",
        ]
        if let share = calibration.sitePrevalence {
            lines.insert(
                "Probabilities and thresholds are re-based to a prevalence of \(share) at the site: "
                    + "\(Self.rounded(calibration.shift ?? 0)) is added to the log-odds.", at: 3)
            lines.insert("", at: 4)
        }
        for point in head.operatingPoints ?? [] {
            lines.append(
                "| \(point.name) | \(Self.rounded(point.threshold)) | \(Self.shown(point.sensitivity)) | "
                    + "\(Self.shown(point.specificity)) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var encoders: String {
        var lines = [
            "## Encoders", "", "| encoder | weights | licence | width | preprocessing |",
            "|---|---|---|---|---|",
        ]
        for encoder in manifest.encoders {
            let weights = encoder.flavour == "seeded" ? "seeded, never trained" : encoder.flavour
            lines.append(
                "| \(encoder.id) | \(weights) | \(encoder.licence) | \(encoder.width) | "
                    + "`\(encoder.preprocessingID)` |")
        }
        return lines.joined(separator: "\n") + "\n" + licences
    }

    /// What the licences of the weights mean for whoever uses the bundle.
    private var licences: String {
        let restricted = manifest.encoders.filter { $0.licence.hasPrefix("CC-BY-NC") }.map(\.id)
        guard !restricted.isEmpty else { return "" }
        return
            "\nThe weights of \(restricted.joined(separator: " and ")) forbid commercial use, and so does a bundle that holds them.\n"
    }

    private var baseline: String {
        guard let baseline = manifest.baseline else { return "" }
        let origin =
            baseline.cohortSHA256.map {
                if baseline.metrics != nil { return "trained on the development part of this cohort" }
                return $0 == manifest.cohort.sha256
                    ? "trained on all ECGs of this cohort, the test part among them: it has no figures here"
                    : "trained on other records, SHA-256 \($0): it has no figures here"
            } ?? "imported from a file of SHA-256 \(baseline.sourceSHA256 ?? "unknown")"
        return """
            ## Baseline

            A ResNet-50 on the raw signal (stem of \(baseline.width) channels), scored beside the heads as \
            `\(LoadedBaseline.id)` and not part of the risk; \(origin). Its probability is not calibrated. Licence: \
            \(baseline.licence); preprocessing: `\(baseline.preprocessingID)`.

            """ + (baseline.metrics.map(Self.heldOut) ?? "")
    }

    private static func heldOut(_ metrics: Manifest.MetricsEntry) -> String {
        """

        On the test part, which it has not learnt from: AUROC \(shown(metrics.auroc)), AUCPR \(shown(metrics.auprc)), \
        Brier score \(rounded(metrics.brier)); \(metrics.records) ECGs, \(metrics.positives) positive.

        """
    }

    private var attributions: String {
        let notices = manifest.attributions.map { "- \($0)" }.joined(separator: "\n")
        return notices.isEmpty ? "" : "## Attributions\n\n\(notices)\n"
    }

    static func shown(_ interval: Manifest.IntervalEntry) -> String {
        "\(rounded(interval.value)) (\(rounded(interval.low)) to \(rounded(interval.high)))"
    }

    private static func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    /// Three decimals.
    static func rounded(_ value: Double) -> String {
        let thousandths = Int((value.magnitude * 1_000).rounded())
        let digits = String(1_000 + thousandths % 1_000).dropFirst()
        return (value < 0 && thousandths > 0 ? "-" : "") + "\(thousandths / 1_000).\(digits)"
    }
}

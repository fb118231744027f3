import Scoring

/// What a bundle's manifest says to the items of TRIPOD+AI, by number.
struct ReportingAnswers {
    let manifest: Manifest

    private var cohort: Manifest.CohortSummary { manifest.cohort }
    private var head: Manifest.HeadEntry? { manifest.heads.first }

    var introduction: [String: String] {
        [
            "1":
                "Development and internal evaluation of a model that predicts \(manifest.target) from a 12-lead ECG, by "
                + "boosted trees on the embeddings of two published networks.",
            "3b": manifest.intendedUse,
            "4": "To fit the heads and to evaluate them on a part of the same cohort that was held out.",
        ]
    }

    var methods: [String: String] { data.merging(predictors) { $1 }.merging(analysis) { $1 } }

    private var data: [String: String] {
        var answers = [
            "5a": "\(cohort.name), SHA-256 over contents, labels and patients `\(cohort.sha256)`.",
            "6b": "Readable ECGs with twelve known leads, a known unit and rate, long enough and without gaps"
                + (cohort.excluded.map {
                    "; \($0.reduce(0) { $0 + $1.records }) rows of the table were left out"
                }
                    ?? "; none of the table was left out")
                + ". By which criteria the table was made only the site knows.",
            "7": "As each encoder's authors do: "
                + manifest.encoders.map { "`\($0.preprocessingID)`" }.joined(separator: ", ")
                + "; embeddings then scaled: \(manifest.fusion.scaling).",
            "8a":
                "\(manifest.target), as the label column of the table has it. How and when it was assessed only the site knows.",
        ]
        let months = (cohort.parts ?? []).compactMap { part in part.months.map { "\(part.part) \($0)" } }
        if !months.isEmpty { answers["5b"] = "Months of recording: " + months.joined(separator: "; ") + "." }
        let sites = (cohort.parts ?? []).filter { $0.sites > 0 }.map { "\($0.sites) in \($0.part)" }
        if !sites.isEmpty {
            answers["6a"] =
                "Sites that the table names: \(sites.joined(separator: ", ")). What they are only the site knows."
        }
        return answers
    }

    private var predictors: [String: String] {
        [
            "9a": "All features of the encoders, none selected: "
                + manifest.encoders.map { "\($0.width) of \($0.id)" }.joined(separator: ", ") + ".",
            "9b":
                "\(manifest.fusion.order.joined(separator: ", then ")); \(manifest.fusion.windows). Neither age nor sex is one.",
            "9c": "Nobody: they are computed from the signal, to the same bits on every processor.",
            "10": "Every usable record of the table; no calculation beforehand.",
            "11": "None is filled in: an ECG that lacks a lead, a unit or samples is refused.",
        ]
    }

    private var analysis: [String: String] {
        var answers = [
            "12a":
                "\(cohort.split); \(cohort.developmentRecords) for development, \(cohort.testRecords) for the test; seed "
                + "\(cohort.seed).",
            "12b": "Continuous, \(manifest.fusion.scaling); no interaction was named.",
            "12e":
                "AUROC, average precision, Brier score; \(head?.metrics?.method ?? "no intervals"). At operating points "
                + "sensitivity, specificity and predictive values with Wilson's intervals.",
            "12f": updating,
            "12g": "The trees of `\(head?.id ?? "")` give log-odds, a logistic function the probability"
                + (head?.calibration == nil ? "." : ", calibrated."),
            "13": "No record was weighted, drawn again or left out for its label.",
            "15": "A probability, not a class"
                + (head?.operatingPoints == nil ? "" : "; operating points are quoted beside it")
                + (head?.ensemble == nil ? "." : "; whether the ensemble abstains, too."),
            "16": "One cohort: setting, eligibility, outcome and predictors of both parts are the same.",
            "18f":
                "FirstLead \(manifest.software.version)\(manifest.run.map { ", commit \($0.commit)" } ?? ""), Apache-2.0.",
        ]
        if let head {
            let choices = head.hyperparameters.sorted { $0.key < $1.key }.map {
                "\($0.key) \(Self.shown($0.value))"
            }
            let fitted = head.origin.map {
                "trained elsewhere by XGBoost \($0.xgboost), SHA-256 `\($0.sha256)`"
            }
            let folds = head.calibration.flatMap {
                $0.folds > 0 ? ", calibration out of \($0.folds) folds" : nil
            }
            answers["12c"] =
                "XGBoost (\(fitted ?? head.treeMethod)): \(choices.joined(separator: ", "))"
                + (fitted == nil ? "; thresholds halfway between the records that they part" : "")
                + "; the run tuned nothing. Validation on the held-out part\(folds ?? "")."
        }
        return answers
    }

    private var updating: String {
        guard let calibration = head?.calibration else { return "None: the probability is the raw score." }
        return "Logistic recalibration on out-of-fold scores"
            + (calibration.sitePrevalence.map { ", re-based to a prevalence of \($0)" } ?? "") + "."
    }

    var results: [String: String] {
        var answers = [
            "20a":
                "\(cohort.records) ECGs of \(cohort.patients) patients, \(cohort.positives) positive: section Cohort.",
            "21":
                "Development \(cohort.developmentRecords) ECGs, \(cohort.positives - (head?.metrics?.positives ?? 0)) positive; "
                + "test \(cohort.testRecords), \(head?.metrics?.positives ?? 0) positive.",
            "22":
                "All of it is in this bundle: encoders, ranges and trees, each file with its digest in `manifest.json`.",
            "23a": "Section Performance on the test part. By sex and age: `firstlead evaluate`.",
            "24": head?.calibration.map {
                "Intercept \(ModelCard.rounded($0.intercept)), slope \(ModelCard.rounded($0.slope)): section Calibration and "
                    + "operating points."
            } ?? "None was made.",
            "26": "Section Limits.",
            "27a":
                "It is refused with a reason and never scored; what is unusual but scored comes with warnings.",
            "27b":
                "A client sends an ECG file; nobody enters or selects anything. Who reads the answer must know section Intended use.",
        ]
        if cohort.parts != nil {
            answers["20b"] = "Section Cohort, as far as the table has age, sex and site."
            answers["20c"] = "The same table, part by part."
        }
        return answers
    }

    private static func shown(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}

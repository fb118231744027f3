import Scoring

/// Sections that say when the bundle abstains, what it cannot do, and how it came about.
extension ModelCard {
    var abstention: String {
        let held = manifest.heads.compactMap { head in head.ensemble.map { (head.id, $0) } }
        guard let first = held.first?.1 else { return "" }
        var lines = [
            "## Abstention", "",
            "Beside each head stand \(first.files.count) boosters, each fitted on another four fifths of the development part. An answer "
                + "abstains where their scores spread (sample standard deviation) by more than the threshold, which leaves a tenth of "
                + "\(first.abstention.records) out-of-fold scores undecided. Decisions at Youden's point of these; errors of the test part, "
                + "95 % intervals by Wilson.", "",
            "| model | abstains above | decided on | wrong of these | wrong of all |",
            "|---|---|---|---|---|",
        ]
        for (id, ensemble) in held {
            let abstention = ensemble.abstention
            lines.append(
                "| \(id) | \(Self.rounded(abstention.spread)) | \(Self.shown(abstention.decided)) | "
                    + "\(abstention.errorRate.map(Self.shown) ?? "-") | \(Self.shown(abstention.errorRateOfAll)) |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var limits: String {
        var points = [
            "The test part is of the same cohort: nothing here says how the bundle does elsewhere or later.",
            "Both encoders discard absolute voltage: a score does not see \"1 mm of ST elevation\".",
            "A low score rules nothing out.",
            "Which encoder is better changes from cohort to cohort, and so may the gain of their fusion.",
            "ECG-FM was pre-trained on public ECGs, PTB-XL and MIMIC-IV-ECG among them: on these its figures flatter.",
        ]
        if manifest.cohort.split.contains("no patient is known") {
            points.append("Patients are not known to be on one side of the split only: figures may flatter.")
        }
        if manifest.encoders.contains(where: { $0.flavour == Manifest.seededFlavour }) {
            points.append("Weights that were never trained: the scores mean nothing.")
        }
        if manifest.heads.first?.calibration == nil {
            points.append("The probability is not calibrated.")
        }
        return "## Limits\n\n" + points.map { "- \($0)" }.joined(separator: "\n") + "\n"
    }

    /// Item by item what TRIPOD+AI asks for: first what the run can answer, then what only the site can.
    var reporting: String {
        let items = ReportingItem.all(of: manifest)
        var lines = [
            "## TRIPOD+AI", "",
            "Items of the statement (Collins et al., BMJ 2024;385:e078378) that the run can answer:", "",
            "| item | | |", "|---|---|---|",
        ]
        for item in items {
            guard let answer = item.answer else { continue }
            let text = answer.replacing("|", with: "\\|").replacing("\n", with: " ")
            lines.append("| \(item.number) | \(item.topic) | \(text) |")
        }
        let open = items.filter { $0.answer == nil }.map { "\($0.number) \($0.topic)" }
        lines += ["", "Not answered here, for the site to add: \(open.joined(separator: "; "))."]
        return lines.joined(separator: "\n") + "\n"
    }

    var run: String {
        guard let run = manifest.run else { return "" }
        return """
            ## Run

            ```sh
            \(run.command.map(Self.quoted).joined(separator: " "))
            ```

            \(manifest.software.name) \(manifest.software.version), commit \(run.commit), XGBoost \(run.xgboost), built with Swift \
            \(run.swift), on \(run.operatingSystem), \(run.processor).

            """
    }

    /// A word as a shell reads it back.
    static func quoted(_ word: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=@%+")
        guard word.isEmpty || !word.allSatisfy(plain.contains) else { return word }
        return "'" + word.replacing("'", with: "'\\''") + "'"
    }
}

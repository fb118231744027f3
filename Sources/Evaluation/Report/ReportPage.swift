import Bytes
import Risk
import Scoring
import Training

/// The report as one HTML page that asks for nothing beyond itself: no script, no network.
package struct ReportPage: Sendable {
    package let document: EvaluationDocument
    package let maps: [EmbeddingMap]

    package init(_ document: EvaluationDocument, maps: [EmbeddingMap]) {
        self.document = document
        self.maps = maps
    }

    package var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>FirstLead evaluation</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <h1>Evaluation on a cohort</h1>
        \(introduction)
        \(document.findings.map(section).joined(separator: "\n"))
        \(baselineTraining)
        \(figureOne)
        \(provenance)
        </body>
        </html>

        """
    }

    private static let style = """
        body{font:15px/1.45 system-ui,"DejaVu Sans",sans-serif;max-width:1120px;margin:24px auto;padding:0 16px;color:#222;background:#fff}
        h1{font-size:24px}h2{font-size:19px;margin-top:36px;border-bottom:1px solid #ccc}h3{font-size:16px}
        table{border-collapse:collapse;margin:12px 0;font-variant-numeric:tabular-nums}
        th,td{padding:4px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid #ddd}
        th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #444}
        .charts{display:flex;flex-wrap:wrap;gap:16px;max-width:720px}section{overflow-x:auto}.charts svg{width:340px;height:320px}
        svg text{font-size:11px;fill:#333}svg .title{font-size:13px;font-weight:600}
        .frame{fill:none;stroke:#999}.tick{stroke:#999}.note{color:#555;font-size:13px;max-width:900px}
        .warning{border-left:4px solid #D55E00;padding:4px 12px;background:#fff4ec}
        code{font-size:12px;white-space:normal;word-break:break-all}
        """

    private var introduction: String {
        let cohort = document.experiment.cohort
        let training = document.experiment.plan.training
        let seeded = document.encoders.filter { $0.flavour == Manifest.seededFlavour }.map(\.id)
        let warning =
            seeded.isEmpty
            ? ""
            : """
            <p class="warning">The weights of \(seeded.joined(separator: " and ")) were never trained: these \
            figures show the machinery and nothing else.</p>
            """
        return """
            <p>\(cohort.records.count) ECGs of \(cohort.patientCount) patients, \(cohort.positiveCount) positive. \
            \(document.experiment.plan.reshuffles) stratified reshuffles, test part \(training.testFraction), \
            seed \(training.seed); scaling and boosting (\(training.booster.rounds) rounds) on the development part \
            alone. Not for clinical use.</p>
            \(flow)
            \(warning)
            """
    }

    /// What was left out before anything was computed, as in a CONSORT flow diagram.
    private var flow: String {
        let lines = document.experiment.cohort.exclusionFlow.map { "<li>\($0.escaped)</li>" }.joined()
        return lines.isEmpty ? "" : "<ul>\(lines)</ul>"
    }

    private func section(_ found: SeriesFindings) -> String {
        let tables = ReportTables(found: found, document: document)
        let prefix = found.series.grouping == .record ? "By record" : "By patient"
        let plots = Curves(found: found, prefix: prefix).all.map(\.svg).joined(separator: "\n")
        return """
            <section>
            <h2>\(prefix)</h2>
            \(tables.results)
            \(tables.note)
            \(tables.verdict)
            <h3>What the fusion gains</h3>
            \(tables.comparisons)
            \(tables.furtherRows)
            \(tables.sanity)
            <h3>Pooled scores</h3>
            \(tables.pooled)
            <h3>Operating points of the fusion</h3>
            \(tables.points)
            \(tables.subgroups)
            \(tables.abstention)
            <div class="charts">\(plots)</div>
            <p class="note">ROC, precision and recall: a thin line for each reshuffle, a thick one for the pooled \
            scores, of the paper's rows. Reliability: raw, uncalibrated scores in ten bins, with Wilson's 95 % intervals. Decision curve: dashed \
            is treating everybody, and nobody.</p>
            </section>
            """
    }

    private var baselineTraining: String {
        guard let baseline = document.experiment.baseline else { return "" }
        return """
            <section><h2>Training of the baseline</h2>
            <div class="charts">\(baseline.plot.svg)</div>
            <p class="note">Loss of the development part as it was learnt from, a line for each reshuffle: \
            \(baseline.plan.epochs) epochs, batches of \(baseline.plan.batch), learning rate \
            \(baseline.plan.learningRate), weight of a positive \(baseline.plan.positiveWeight).</p></section>
            """
    }

    private var figureOne: String {
        guard let first = maps.first else { return "" }
        let values = maps.map {
            "\($0.encoder.title) \($0.map.divergence.decimals(3)) and \($0.trustworthiness.decimals(3))"
        }.joined(separator: ", ")
        return """
            <h2>Figure 1: embeddings by label</h2>
            <div class="charts">\(maps.map(\.plot.svg).joined(separator: "\n"))</div>
            <p class="note">t-SNE of \(first.records.count) embeddings, as many of either label, drawn from the whole cohort; \
            perplexity \(first.perplexity.decimals(1)). Divergence and trustworthiness (5 neighbours): \(values). \
            Distances between groups mean nothing.</p>
            """
    }

    private var provenance: String {
        let rows = document.encoders.map { encoder in
            """
            <tr><td>\(encoder.id.escaped)</td><td>\(encoder.flavour.escaped)</td><td>\(encoder.licence.escaped)</td>\
            <td>\(encoder.preprocessingID.escaped)</td><td><code>\(encoder.weights.hexadecimal)</code></td></tr>
            """
        }.joined(separator: "\n")
        return """
            <h2>What it was made from</h2>
            <table><thead><tr><th>encoder</th><th>weights</th><th>licence</th><th>recipe</th><th>SHA-256</th></tr></thead>
            <tbody>\(rows)</tbody></table>
            <p class="note">Cohort <code>\(document.experiment.digest.hexadecimal)</code>, \
            \(Software.name) \(Software.version). All figures: evaluation.json; all scores: scores.csv.</p>
            """
    }
}

extension String {
    /// Fit for HTML text and attributes.
    var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

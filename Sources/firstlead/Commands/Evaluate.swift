import ArgumentParser
import Bytes
import Evaluation
import Foundation
import Scoring
import Tensor
import Training

extension ExperimentPlan.Grouping: ExpressibleByArgument {}

/// `firstlead evaluate`: the paper's experiment on a cohort.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Repeat the paper's experiment on a cohort and report it.",
        discussion: """
            Example:
              firstlead evaluate --bundle Bundles/demonstration --cohort Demonstration/cohort.csv --output report

            Ten stratified reshuffles into development and test part; on each, min-max scaling and XGBoost are \
            fitted on the development part alone, for ST-MEM, ECG-FM and their fusion. Only the encoders of the \
            bundle are used: its heads may have been trained on these very ECGs. Prints AUROC and AUCPR beside \
            the paper's, and writes report.html, evaluation.json and tables as CSV. Equal input and \
            seed give equal bytes. docs/evaluation.md says what is computed.
            """)

    @Option(help: ArgumentHelp("The cohort's CSV file.", valueName: "cohort.csv")) var cohort: String
    @Option(
        help: ArgumentHelp(
            "The folder with the encoders: a bundle, or the safetensors alone.", valueName: "dir"))
    var bundle: String
    @Option(
        help: ArgumentHelp("Folder for the results; files of an earlier run are replaced.", valueName: "dir"))
    var output: String
    @Option(help: "Stratified splits; the paper's are 10.") var reshuffles: Int = 10
    @Option(
        help:
            "Split by record (the paper's) or by patient. Default: by record, and both where patients repeat."
    )
    var group: ExperimentPlan.Grouping?
    @Option(
        help: ArgumentHelp(
            "Share of positives where the heads are to be used: predictive values are given for it, too.",
            valueName: "share"))
    var sitePrevalence: Double?
    @OptionGroup var fitting: FittingOptions
    @OptionGroup var caching: CacheOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the contents of evaluation.json.") var json = false

    func validate() throws {
        guard (2...1_000).contains(reshuffles) else { throw ValidationError("--reshuffles takes 2 to 1000") }
        if let sitePrevalence, !(0.0001...0.9999).contains(sitePrevalence) {
            throw ValidationError("--site-prevalence takes a share such as 0.05")
        }
    }

    func run() throws {
        let pool = threading.makePool()
        let document: EvaluationDocument = try orExit {
            let encoders = try fitting.encoders(evaluating: bundle, pool: pool)
            let cohort = try loadCohort(cohort)
            try makeOutputFolder()
            let bar = ProgressBar()
            let embedded = try CohortEmbedder(encoders: encoders, cache: caching.store, pool: pool)
                .embed(cohort) { bar.show("embedding", $0, $1) }
            let experiment = try ExperimentRun(
                embedded: embedded, plan: plan(cohort), threads: pool.threads
            ).run { bar.show("fitting", $0, $1) }
            let document = try EvaluationDocument(
                experiment, encoders: encoders.map(\.provenance), sitePrevalence: sitePrevalence)
            let maps = maps(of: embedded, bar)
            try write(document, maps)
            return document
        }
        for encoder in document.encoders where encoder.flavour == Manifest.seededFlavour {
            report("the weights of \(encoder.id) were never trained: these figures are a demonstration")
        }
        try emit(
            json ? document.document.serialised(pretty: true) : ResultsTable(document).text)
    }

    private func plan(_ cohort: Cohort) -> ExperimentPlan {
        let repeats = cohort.patientCount < cohort.records.count
        var plan = ExperimentPlan(
            training: fitting.plan,
            groupings: group.map { [$0] } ?? (repeats ? [.record, .patient] : [.record]))
        plan.reshuffles = reshuffles
        return plan
    }

    private func makeOutputFolder() throws {
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        } catch { throw OutputError(message: "cannot make \(output): \(error.localizedDescription)") }
    }

    /// Figure 1; a cohort too small for a map has none, which is no error.
    private func maps(of embedded: EmbeddedCohort, _ bar: ProgressBar) -> [EmbeddingMap] {
        do throws(MapError) {
            return try EmbeddingMap.maps(of: embedded, order: fitting.plan.order, seed: fitting.seed) {
                bar.show("mapping", $0, $1)
            }
        } catch {
            report("there is no map of the embeddings: \(error)")
            return []
        }
    }

    private func write(_ document: EvaluationDocument, _ maps: [EmbeddingMap]) throws {
        let tables = CommaSeparated(document.experiment)
        for (name, text) in [
            ("table.csv", tables.table), ("reshuffles.csv", tables.reshuffles), ("scores.csv", tables.scores),
            ("map.csv", CommaSeparated.maps(maps, of: document.experiment.cohort)),
            ("report.html", ReportPage(document, maps: maps).html),
        ] { try writeFile(Array(text.utf8), to: "\(output)/\(name)") }
        try writeFile(document.document.body, to: "\(output)/evaluation.json")
    }
}

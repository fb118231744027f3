import ArgumentParser
import Bytes
import Evaluation
import Foundation
import Scoring
import Tensor
import Training

extension ExperimentPlan.Grouping: ExpressibleByArgument {}
extension MethodCatalogue.Family: ExpressibleByArgument {}

/// `firstlead evaluate`: the paper's experiment on a cohort.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Repeat the paper's experiment on a cohort and report it.",
        discussion: """
            Example:
              firstlead evaluate --bundle Bundles/demonstration --cohort Demonstration/cohort.csv --output report

            Ten stratified reshuffles into development and test part; on each, min-max scaling and XGBoost are \
            fitted on the development part alone, for ST-MEM, ECG-FM and their fusion; beside them, on the same splits, \
            linear heads, stacked heads and an ensemble of ten (--methods). Only the encoders of the \
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
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Rows besides the paper's: logistic, linear, late-fusion, ensemble; 'paper' is none. Default: all.",
            valueName: "row"))
    var methods: [MethodCatalogue.Family] = MethodCatalogue.Family.allCases
    @Flag(
        help:
            "Check the experiment itself: shuffled labels, an encoder twice, and rows of encoders with random weights."
    )
    var sanity = false
    @OptionGroup var fitting: FittingOptions
    @OptionGroup var checking: CheckOptions
    @OptionGroup var baseline: BaselineOptions
    @OptionGroup var caching: CacheOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the contents of evaluation.json.") var json = false

    func validate() throws {
        guard (2...1_000).contains(reshuffles) else { throw ValidationError("--reshuffles takes 2 to 1000") }
        try checkSitePrevalence(sitePrevalence)
    }

    func run() throws {
        let pool = threading.makePool()
        let document: EvaluationDocument = try orExit {
            let encoders = try fitting.encoding.encoders(evaluating: bundle, pool: pool)
            let cohort = try checking.cohort(at: cohort)
            try makeOutputFolder()
            let bar = ProgressBar()
            let embedded = try CohortEmbedder(encoders: encoders, cache: caching.store, pool: pool)
                .embed(cohort, excludingUnreadable: checking.excludeUnreadable, bar)
            var run = ExperimentRun(
                embedded: embedded, plan: plan(embedded.cohort), threads: pool.threads)
            if sanity { try add(sanityOf: embedded, to: &run, encoders, pool, bar) }
            run.baseline = try baseline.method(
                embedded.cohort, seed: fitting.seed, output: output, pool: pool, bar)
            let experiment = try run.run { bar.show("fitting", $0, $1) }
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

    /// Checks, and rows of encoders with random weights, which have to embed the cohort once more.
    private func add(
        sanityOf embedded: EmbeddedCohort, to run: inout ExperimentRun, _ encoders: [LoadedEncoder],
        _ pool: WorkerPool, _ bar: ProgressBar
    ) throws {
        let order = fitting.plan.order
        run.checks = [ShuffledLabelsMethod(features: order)] + order.map(DuplicatedEncoderMethod.init)
        let folder = NSTemporaryDirectory() + "firstlead-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let random = try encoders.map { encoder in
            let name = BundleWriter.weightsFile(encoder.id)
            try SeededEncoder.write(like: "\(bundle)/\(name)", seed: "random/", to: "\(folder)/\(name)")
            return try EncoderLoader.load(
                path: "\(folder)/\(name)", as: encoder.id, preprocessingID: encoder.provenance.preprocessingID
            )
        }
        let checked = CheckedCohort(cohort: embedded.cohort, contents: embedded.contents)
        let again = try CohortEmbedder(encoders: random, cache: caching.store, pool: pool)
            .embed(checked) { bar.show("embedding by random weights", $0, $1) }
        run.furtherMethods = (order.map { [$0] } + [order]).map {
            RandomWeightsMethod(embedded: again, features: $0)
        }
    }

    private func plan(_ cohort: Cohort) -> ExperimentPlan {
        let repeats = cohort.patientCount < cohort.records.count
        var plan = ExperimentPlan(
            training: fitting.plan,
            groupings: group.map { [$0] } ?? (repeats ? [.record, .patient] : [.record]))
        plan.reshuffles = reshuffles
        plan.families = Set(methods)
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

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
            the paper's, and writes evaluation.json, table.csv, reshuffles.csv and scores.csv. Equal input and \
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
    @OptionGroup var fitting: FittingOptions
    @OptionGroup var caching: CacheOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON: the contents of evaluation.json.") var json = false

    func validate() throws {
        guard (2...1_000).contains(reshuffles) else { throw ValidationError("--reshuffles takes 2 to 1000") }
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
            let document = EvaluationDocument(experiment, encoders: encoders.map(\.provenance))
            try write(document)
            return document
        }
        for encoder in document.encoders where encoder.flavour == Manifest.seededFlavour {
            report("the weights of \(encoder.id) were never trained: these figures are a demonstration")
        }
        try emit(
            json ? document.document.serialised(pretty: true) : ResultsTable(document.experiment).text)
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

    private func write(_ document: EvaluationDocument) throws {
        let tables = CommaSeparated(document.experiment)
        for (name, bytes) in [
            ("evaluation.json", document.document.body), ("table.csv", Array(tables.table.utf8)),
            ("reshuffles.csv", Array(tables.reshuffles.utf8)), ("scores.csv", Array(tables.scores.utf8)),
        ] { try writeFile(bytes, to: "\(output)/\(name)") }
    }
}

import ArgumentParser
import Bytes
import Foundation
import Scoring
import Tensor
import Training

extension BundleCommand {
    /// `firstlead bundle demonstration`.
    struct Demonstration: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build the demonstration bundle: seeded encoders, heads trained on the cohort given.",
            discussion: """
                Example: firstlead bundle demonstration --cohort Demonstration/cohort.csv --output demo

                The encoders' weights are a seeded initialisation and have learnt nothing; every answer made \
                with the bundle says so. Equal input gives equal bytes. With --published-size the encoders have \
                the published size: for measuring time and memory without the authors' weights.
                """)

        @Option(help: ArgumentHelp("The cohort's CSV file.", valueName: "cohort.csv")) var cohort: String
        @Option(help: ArgumentHelp("The bundle's folder; it must be empty or absent.", valueName: "dir"))
        var output: String
        @Flag(help: "Print JSON: the answer of GET /v1/models.") var json = false
        @Flag(help: "Encoders of the published size instead of small ones.") var publishedSize = false
        @OptionGroup var input: InputOptions
        @OptionGroup var choices: TrainingOptions
        @OptionGroup var threading: ThreadOptions

        func run() throws {
            let pool = threading.makePool()
            let bundle = try orExit { () throws -> ModelBundle in
                let found = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
                guard found.isEmpty else { throw OutputError(message: "\(output) is not empty") }
                let demonstration = DemonstrationBundle(
                    isPublishedSize: publishedSize, created: choices.createdOrNow)
                return try demonstration.build(
                    loadCohort(cohort, stated: input.readOptions), plan: choices.plan, directory: output,
                    pool: pool,
                    progress: ProgressBar().show)
            }
            try emit(
                json ? bundle.document.serialised(pretty: true) : TrainingSummary.text(of: bundle, in: output)
            )
        }
    }
}

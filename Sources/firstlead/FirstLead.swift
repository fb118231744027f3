import ArgumentParser
import Scoring

/// The one binary: it serves, scores, inspects, imports weights, trains and evaluates.
@main
struct FirstLead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "firstlead",
        abstract: "Risk of acute coronary syndrome from a 12-lead ECG, with the provenance of the number.",
        discussion: """
            Exit codes: 0 success; 1 bundles differ; 64 wrong usage; 65 an ECG or file was refused; 66 a file cannot be opened; \
            69 the address cannot be listened on; 70 an error of the program; 74 output cannot be written; \
            78 the bundle is not sound.
            """,
        version: "\(Software.name) \(Software.version) (\(Software.commit))",
        subcommands: [
            Serve.self, Score.self, Embed.self, Inspect.self, Convert.self, Import.self, Simulate.self,
            Train.self,
            TrainBaseline.self, EmbedCohort.self,
            Evaluate.self, BundleCommand.self, Bench.self,
        ])
}

import ArgumentParser
import HTTP
import Scoring

/// `firstlead score`: the answer of the HTTP service, on the command line.
struct Score: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score ECG files.",
        discussion: """
            Example: firstlead score Demonstration/ecg/ptbxl00173.zip --json

            A WFDB record is given by its .hea file; the signal files beside it are read too. With --json, an \
            array with the answers of POST /v1/assessments, in the order of the files; a refused file has its \
            problem in its place.
            """)

    @Argument(help: InputOptions.fileKinds) var files: [String]
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var input: InputOptions
    @OptionGroup var part: WindowOptions
    @OptionGroup var models: ModelOptions

    func run() throws {
        let scorer = try orExit { try models.makeScorer() }
        var answers = FileAnswers(json: json)
        for file in files {
            try answers.add(file) { () throws(Refusal) in
                let assessment = try scorer.score(
                    ECGFile.submission(at: file), options: input.readOptions, window: part.window)
                return (
                    assessment.document(requestID: RequestID.make()), Self.line(file, assessment)
                )
            }
        }
        try answers.finish()
    }

    private static func line(_ file: String, _ assessment: Assessment) -> String {
        let scores = assessment.heads.map { "\($0.id) \($0.probability)" }.joined(separator: ", ")
        let manifest = assessment.bundle.manifest
        let caution = manifest.notForClinicalUse ? ", not for clinical use" : ""
        let warnings = assessment.warnings.map { "\n  \($0.code): \($0.message)" }.joined()
        return
            "\(file): risk \(assessment.risk.probability) (\(scores)) [\(manifest.name)\(caution)]\(warnings)"
    }
}

import ArgumentParser
import Bytes
import ECG
import Scoring
import Service

/// `firstlead inspect`: what a file holds and whether it could be scored; no model runs.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read and check ECG files without a model.",
        discussion: """
            Example: firstlead inspect Demonstration/ecg/ptbxl00173.zip --output leads.npy

            --output writes float32 [12, samples] in millivolts, leads in the order I, II, III, aVR, aVL, aVF, \
            V1 to V6; missing samples are NaN. Exit code 0 means that the file was read; whether it can be \
            scored is part of the answer.
            """)

    @Argument(help: "ECG files (WFDB .hea, zip, tar, CSV, JSON).") var files: [String]
    @Flag(help: "Print JSON: an array with the answers of POST /v1/inspect.") var json = false
    @Option(help: ArgumentHelp("Write the samples of the one file given.", valueName: "x.npy")) var output:
        String?
    @OptionGroup var input: InputOptions

    func validate() throws {
        if output != nil, files.count != 1 { throw ValidationError("--output takes exactly one file") }
    }

    func run() throws {
        var answers: [JSONDocument] = []
        var recording: Recording?
        var failure: ExitCode?
        for file in files {
            do throws(Refusal) {
                let inspection = try Inspection(of: ECGFile.submission(at: file), options: input.readOptions)
                answers.append(inspection.document(requestID: commandLineRequestID()))
                if !json { print(inspection.summary(of: file)) }
                recording = inspection.recording
            } catch {
                report("\(file): \(error.message)")
                answers.append(ProblemTable.document(of: error, requestID: commandLineRequestID()))
                failure = error.exitCode
            }
        }
        if json { print(JSONDocument.array(answers).serialised(pretty: true)) }
        if let recording { try orExit { try writeSamples(recording) } }
        if let failure { throw failure }
    }

    private func writeSamples(_ recording: Recording) throws {
        guard let output else { return }
        try writeFile(npy(recording.millivolts, shape: [12, recording.sampleCount]), to: output)
    }
}

import ArgumentParser
import ECG
import Scoring

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
        var answers = FileAnswers(json: json)
        var recording: Recording?
        for file in files {
            try answers.add(file) { () throws(Refusal) in
                let inspection = try Inspection(of: ECGFile.submission(at: file), options: input.readOptions)
                recording = inspection.recording
                return (
                    inspection.document(requestID: commandLineRequestID()), inspection.summary(of: file)
                )
            }
        }
        if let recording { try orExit { try writeSamples(recording) } }
        try answers.finish()
    }

    private func writeSamples(_ recording: Recording) throws {
        guard let output else { return }
        try writeFile(npy(recording.millivolts, shape: [12, recording.sampleCount]), to: output)
    }
}

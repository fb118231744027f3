import ArgumentParser
import ECG
import ECGFormats
import HTTP
import Paper
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

            --svg draws ten seconds on standard paper: 25 mm/s, 10 mm/mV, three rows of four leads and lead II; \
            it begins at --start.
            """)

    @Argument(help: InputOptions.fileKinds) var files: [String]
    @Flag(help: "Print JSON: an array with the answers of POST /v1/inspect.") var json = false
    @Option(help: ArgumentHelp("Write the samples of the one file given.", valueName: "x.npy")) var output:
        String?
    @Option(help: ArgumentHelp("Draw the one file given on ECG paper.", valueName: "x.svg")) var svg: String?
    @OptionGroup var input: InputOptions
    @OptionGroup var part: WindowOptions

    func validate() throws {
        if output != nil, files.count != 1 { throw ValidationError("--output takes exactly one file") }
        if svg != nil, files.count != 1 { throw ValidationError("--svg takes exactly one file") }
    }

    func run() throws {
        var answers = FileAnswers(json: json)
        var found: (recording: Recording, title: String)?
        for file in files {
            try answers.add(file) { () throws(Refusal) in
                let inspection = try Inspection(
                    of: ECGFile.submission(at: file), options: input.readOptions, window: part.window)
                found = (inspection.recording, inspection.input.format.name)
                return (
                    inspection.document(requestID: RequestID.make()), inspection.summary(of: file)
                )
            }
        }
        if let found {
            try orExit {
                try writeSamples(found.recording)
                try draw(found.recording, title: found.title)
            }
        }
        try answers.finish()
    }

    private func draw(_ recording: Recording, title: String) throws {
        guard let svg else { return }
        let start = part.start ?? 0
        guard start < recording.durationSeconds else {
            throw OutputError(
                message: "the recording ends after \(recording.durationSeconds.inThousandths) s")
        }
        try writeFile(ECGPaper(recording, start: start, title: title).svg, to: svg)
    }

    private func writeSamples(_ recording: Recording) throws {
        guard let output else { return }
        try writeFile(npy(recording.millivolts, shape: [12, recording.sampleCount]), to: output)
    }
}

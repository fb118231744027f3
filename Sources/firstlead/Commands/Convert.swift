import ArgumentParser
import Bytes
import ECG
import ECGFormats
import Foundation
import Scoring

/// `firstlead convert`: an ECG of any format that is read, in a format that is written.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write an ECG in another format.",
        discussion: """
            Example: firstlead convert Demonstration/ecg/ptbxl00173.zip --to dicom ecg.dcm
            Example: firstlead convert Demonstration/ecg/ptbxl00173.zip --to wfdb record.hea

            All twelve leads are written, the whole recording. csv and json hold the samples as they were read; the \
            others hold 16-bit counts of 0.5 microvolts (more, where a lead exceeds 16 mV). wfdb writes a second file, \
            .dat, beside the header.

            Nothing of the patient is written, for nothing of the patient is read: what remains is samples, leads, rate, \
            device, filters and the time of the recording, which --drop-time leaves out.
            """)

    @Argument(help: "The ECG file, of any kind that 'inspect' reads.") var file: String
    @Option(
        help: ArgumentHelp(
            "\(Self.names(of: FormatRegistry.writers.map { $0.format })).", valueName: "format"))
    var to: String
    @Argument(help: "The file to write.") var output: String
    @Flag(help: "Leave out when the ECG was recorded.") var dropTime = false
    @OptionGroup var input: InputOptions

    func validate() throws {
        guard writer != nil else {
            throw ValidationError(
                "--to takes \(Self.names(of: FormatRegistry.writers.map { $0.format })), not '\(to)'")
        }
    }

    func run() throws {
        try orExit {
            var clock = StageClock()
            let ecg = try Scorer.read(
                ECGFile.submission(at: file), options: input.readOptions, clock: &clock)
            for note in ecg.notes { report("\(file): \(note)") }
            try write(ecg.recording)
        }
    }

    private var writer: (any FormatWriter.Type)? { FormatRegistry.writers.first { $0.format.id == to } }

    private func write(_ recording: Recording) throws {
        guard let writer else { return }
        var recording = recording
        if dropTime { (recording.startTime, recording.localStartTime) = (nil, nil) }
        let url = URL(fileURLWithPath: output)
        let files: [WrittenFile]
        do throws(WritingError) {
            files = try writer.files(of: recording, name: url.deletingPathExtension().lastPathComponent)
        } catch {
            report("\(file): \(error.message)")
            throw Exit.refused
        }
        // One file has the name that was asked for; of a record, that is its header's.
        let folder = url.deletingLastPathComponent()
        for written in files {
            let target = files.count == 1 ? url : folder.appendingPathComponent(written.name)
            try writeFile(written.bytes, to: target.path)
        }
    }

    private static func names(of formats: [ECGFormat]) -> String {
        formats.map(\.id).joined(separator: ", ")
    }
}

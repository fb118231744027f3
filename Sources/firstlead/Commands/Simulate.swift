import ArgumentParser
import Bytes
import ECGFormats
import Foundation
import Simulation

/// `firstlead simulate`: a cohort of simulated ECGs on disk.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a cohort of simulated ECGs.",
        discussion: """
            Example: firstlead simulate --output cohort --records 5813 --positives 1207 --seed 1

            Writes cohort/cohort.csv and one WFDB record an ECG, from a dipole model with ST and T changes by \
            coronary territory. Scores on simulated ECGs show that the tools work, nothing else.
            """)

    @Option(help: ArgumentHelp("Folder to write to; it must be empty or absent.", valueName: "dir"))
    var output: String
    @Option(help: "ECGs to write.") var records: Int = 200
    @Option(help: "How many of them show ischaemia. Default: a fifth.") var positives: Int?
    @Option(help: "Equal seeds give equal cohorts.") var seed: UInt64 = 1
    @Option(help: "Sample rate in Hz.") var sampleRate: Double = 500
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...1_000_000).contains(records) else { throw ValidationError("--records takes 1 to 1000000") }
        guard (0...records).contains(positives ?? 0) else {
            throw ValidationError("--positives takes 0 to the number of records")
        }
        guard (100...2_000).contains(sampleRate) else {
            throw ValidationError("--sample-rate takes 100 to 2000")
        }
    }
}

extension Simulate {
    func run() throws {
        let cohort = try orExit { () throws -> SimulatedCohort in
            do {
                return try SimulatedCohort(
                    size: records, positives: positives ?? records / 5, seed: seed,
                    sampleRateHertz: sampleRate)
            } catch { throw OutputError(message: "\(error)") }
        }
        try orExit {
            let found = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
            guard found.isEmpty else { throw OutputError(message: "\(output) is not empty") }
            try write(cohort)
        }
        if json {
            let document: JSONDocument = [
                "cohort": .text(output + "/cohort.csv"), "records": .integer(cohort.count),
                "positives": .integer(cohort.positives), "seed": .integer(Int(clamping: seed)),
            ]
            try emit(document.serialised(pretty: true))
        } else {
            try emit(
                "\(output)/cohort.csv: \(cohort.count) simulated ECGs, \(cohort.positives) with ischaemia")
        }
    }

    /// The cohort file comes last: a folder that has one is whole.
    private func write(_ cohort: SimulatedCohort) throws {
        let writer = WFDBWriter(leads: .twelve)
        let progress = ProgressBar()
        var lines = [CohortTable.header]
        for (index, ecg) in cohort.enumerated() {
            let name = "sim" + String(String(10_000_000 + index).dropFirst())
            // A thousand records a folder, so that large cohorts stay browsable.
            let folder = "records/\(index / 1_000)"
            if index % 1_000 == 0 { try makeFolder("\(output)/\(folder)") }
            let files: WFDBWriter.Files
            do {
                files = try writer.files(
                    of: ecg.recording(), name: name, comments: ["Simulated by a dipole model"])
            } catch {
                throw OutputError(message: "record \(index): \(error)")
            }
            try writeFile(files.header, to: "\(output)/\(folder)/\(name).hea")
            try writeFile(files.signals, to: "\(output)/\(folder)/\(name).dat")
            lines.append(CohortTable.line(path: "\(folder)/\(name).hea", ecg))
            progress.show("simulating", index + 1, cohort.count)
        }
        try writeFile(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(output)/cohort.csv")
    }

    private func makeFolder(_ path: String) throws {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch
        {
            throw OutputError(message: "cannot make \(path): \(error.localizedDescription)")
        }
    }
}

import ArgumentParser
import Bytes
import ECGFormats
import Foundation
import Measurement
import Scoring

/// `firstlead bench formats`: what reading a file costs, without any model.
struct BenchFormats: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "formats", abstract: "Time and memory that reading ECG files takes.",
        discussion: """
            Example: firstlead bench formats Demonstration/ecg/ptbxl00173.zip --rounds 50

            Of a folder, all files are tried; those that are no ECG by themselves are counted and left out. Memory \
            is what reading adds to the resident memory at its highest, the recording included.
            """)

    @Argument(help: "ECG files, and folders of them.") var files: [String]
    @Option(help: "Times that every file is read.") var rounds: Int = 20
    @OptionGroup var input: InputOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...100_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 100000") }
    }

    func run() throws {
        var rows: [(file: String, speed: DecodingSpeed)] = []
        var leftOut = 0
        for path in files {
            guard let contents = Self.contents(ofFolder: path) else {
                rows.append((path, try orExit { try measure(path) }))
                continue
            }
            for file in contents {
                if let speed = try? measure(file) { rows.append((file, speed)) } else { leftOut += 1 }
            }
        }
        guard json else { return try emit(Self.table(rows, leftOut: leftOut)) }
        let document: JSONDocument = [
            "machine": Machine.document, "rounds": .integer(rounds), "leftOut": .integer(leftOut),
            "files": .array(rows.map { ["file": .text($0.file), "reading": $0.speed.document] }),
        ]
        try emit(document.serialised(pretty: true))
    }

    private func measure(_ path: String) throws -> DecodingSpeed {
        try DecodingSpeed.measure(ECGFile.files(at: path), options: input.readOptions, rounds: rounds)
    }

    /// Every file below, in the order of their paths; nil for what is no folder.
    private static func contents(ofFolder path: String) -> [String]? {
        guard isFolder(path) else { return nil }
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.sorted().map { path + "/" + $0 }.filter { !isFolder($0) }
    }

    private static func isFolder(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType)
            == .typeDirectory
    }

    private static func table(_ rows: [(file: String, speed: DecodingSpeed)], leftOut: Int) -> String {
        let head = columns(["format", "KB", "p50 ms", "p99 ms", "MB/s", "memory KB", "times"]) + "  file"
        let lines = rows.map { row in
            let speed = row.speed
            let memory = speed.memoryBytes.map(Double.init)
            return columns([
                speed.format, fixed(Double(speed.bytes) / 1_000, digits: 1),
                fixed(speed.times.median, digits: 3), fixed(speed.times.percentile(99), digits: 3),
                fixed(speed.megabytesPerSecond, digits: 0),
                memory.map { fixed($0 / 1_000, digits: 0) } ?? "?",
                memory.map { fixed($0 / Double(max(1, speed.contentBytes)), digits: 1) } ?? "?",
            ]) + "  " + row.file
        }
        let rest = leftOut == 0 ? [] : ["\(leftOut) file(s) that are no ECG by themselves left out"]
        return ([head] + lines + rest).joined(separator: "\n")
    }
}

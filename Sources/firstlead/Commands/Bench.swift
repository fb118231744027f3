import ArgumentParser
import Bytes
import Encoders
import Foundation
import Measurement
import Scoring
import Tensor

/// `firstlead bench`: how long scoring takes here, stage by stage.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast this machine scores and embeds.",
        discussion: """
            Example: firstlead bench scoring --bundle Bundles/demonstration --threads 1,2
            Example: firstlead bench encoders --full-size --threads 1,2 --json
            Example: firstlead bench --precision-report Bundles/demonstration Demonstration/cohort.csv
            """,
        subcommands: [
            BenchScoring.self, BenchEncoders.self, BenchFormats.self, BenchServer.self, BenchBaseline.self,
            BenchTraining.self,
        ],
        defaultSubcommand: BenchScoring.self)
}

/// Numbers of threads, separated by commas.
struct CountList: ExpressibleByArgument {
    let counts: [Int]

    init?(argument: String) {
        let counts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard !counts.isEmpty, counts.allSatisfy({ (1...256).contains($0) }) else { return nil }
        self.counts = counts
    }

    var pools: [WorkerPool] { counts.map { WorkerPool(threads: $0) } }

    /// One for each processor.
    static var allProcessors: CountList {
        CountList(argument: "\(ProcessInfo.processInfo.activeProcessorCount)") ?? CountList(counts: [1])
    }

    private init(counts: [Int]) { self.counts = counts }
}

/// `firstlead bench scoring`: the whole path from an ECG's bytes to its risk.
struct BenchScoring: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scoring", abstract: "Latency of scoring, stage by stage.")

    @Argument(help: "ECG files. Default: the bundle's self-test ECG.") var files: [String] = []
    @Option(
        help: ArgumentHelp(
            "The bundle's folder. Default: $FIRSTLEAD_BUNDLE, else Bundles/demonstration.", valueName: "dir"))
    var bundle: String?
    @Option(help: ArgumentHelp("Threads. Default: one for each processor.", valueName: "n,...")) var threads:
        CountList = .allProcessors
    @Option(
        help: ArgumentHelp(
            """
            ECGs that are there at any time. One has every thread; of as many as there are threads, or more, each \
            has one thread, and at no time more threads compute than --threads.
            """, valueName: "n,..."))
    var batch = CountList(argument: "1") ?? .allProcessors
    @Option(help: "Times that every ECG is scored.") var rounds: Int = 20
    @OptionGroup var arithmetic: PrecisionOptions
    @OptionGroup var input: InputOptions
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Instead: what int16 costs this bundle on the ECGs of this cohort.",
            valueName: "bundle cohort.csv"))
    var precisionReport: [String] = []
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...100_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 100000") }
        guard [0, 2].contains(precisionReport.count), precisionReport.isEmpty || files.isEmpty else {
            throw ValidationError("--precision-report takes a bundle's folder and a cohort file")
        }
    }

    func run() throws {
        if precisionReport.count == 2 {
            let report = PrecisionReport(
                bundle: precisionReport[0], cohort: precisionReport[1], input: input)
            return try report.run(pool: threads.pools[0], json: json)
        }
        let results = try orExit {
            let directory =
                bundle ?? ProcessInfo.processInfo.environment["FIRSTLEAD_BUNDLE"] ?? "Bundles/demonstration"
            let pools = threads.pools
            let loaded = try ModelBundle.load(
                directory: directory, pool: pools[0], precision: arithmetic.precision)
            let paths =
                files.isEmpty ? [directory + "/" + (loaded.manifest.selfTest.ecg.first ?? "")] : files
            var ecgs: [SubmittedECG] = []
            for path in paths { ecgs.append(try ECGFile.submission(at: path)) }
            var results: [ScoringSpeed] = []
            for pool in pools {
                for size in batch.counts {
                    results.append(
                        try ScoringSpeed.measure(
                            ecgs, options: input.readOptions, bundle: loaded, pool: pool, batch: size,
                            rounds: rounds))
                }
            }
            return results
        }
        guard json else {
            for result in results { try emit(Self.table(result)) }
            return
        }
        let document: JSONDocument = [
            "machine": Machine.document, "rounds": .integer(rounds),
            "precision": .text(arithmetic.precision.rawValue),
            "scoring": .array(results.map(\.document)),
        ]
        try emit(document.serialised(pretty: true))
    }

    private static func table(_ result: ScoringSpeed) -> String {
        let head =
            "\(result.threads) thread(s), \(result.precision), \(result.batch) ECG(s) at once: "
            + "\(fixed(result.ecgsPerSecond, digits: 2)) ECGs a second; "
            + "\(result.modes[.latency] ?? 0) on all threads, \(result.modes[.throughput] ?? 0) on one each; "
            + "peak \(fixed(result.peakGFLOPS, digits: 1)) GFLOP/s; "
            + "\(result.memory.resident.map { fixed($0, digits: 0) } ?? "?") MB resident\n"
            + columns([
                "stage, ms", "minimum", "p50", "p95", "p99", "maximum", "GFLOP/s", "share",
            ])
        let rows = result.stages.map { stage in
            let times = stage.times
            let values = [
                times.minimum, times.median, times.percentile(95), times.percentile(99), times.maximum,
            ]
            let rate = [
                stage.gflops.map { fixed($0, digits: 1) } ?? "",
                result.shareOfPeak(stage).map { fixed(100 * $0, digits: 1) + " %" } ?? "",
            ]
            return columns([stage.name] + values.map { fixed($0, digits: 2) } + rate)
        }
        return ([head] + rows).joined(separator: "\n") + "\n"
    }
}

/// A row of a table: the first column to the left, the others to the right.
func columns(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
        let padding = String(repeating: " ", count: max(0, (index == 0 ? 20 : 11) - cell.count))
        return index == 0 ? cell + padding : padding + cell
    }.joined()
}

/// A number with so many decimal places.
func fixed(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// A number with three digits and a power of ten.
func scientific(_ value: Double) -> String { String(format: "%.2e", value) }

import ArgumentParser
import Bytes
import ECG
import Encoders
import Foundation
import Measurement
import Scoring
import Tensor

/// `firstlead bench encoders`: the networks alone, against the processor's peak.
struct BenchEncoders: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoders",
        abstract: "Speed of the encoders, as a share of what the processor can do.",
        discussion: """
            Example: firstlead bench encoders --full-size --threads 1,2 --json

            Rounds take every encoder and number of threads in turn, each beside a measurement of the processor's \
            fused multiply-adds. The rate counts every operation that the authors' network does, so that work left \
            out shows as speed, even beyond the peak.
            """)

    @Flag(help: "Both networks at their published size, on deterministic weights.") var fullSize = false
    @Option(
        help: ArgumentHelp(
            "Without --full-size: the bundle whose encoders are measured.", valueName: "dir"))
    var bundle: String?
    @Option(help: ArgumentHelp("Threads. Default: one for each processor.", valueName: "n,...")) var threads:
        CountList = .allProcessors
    @Option(help: ArgumentHelp("Arithmetic: fp32, int16 or both.", valueName: "p,..."))
    var precision = PrecisionList([.fp32])
    @Option(help: "Times that each is measured.") var rounds: Int = 9
    @Flag(help: "Print JSON.") var json = false
    @Flag(
        help: """
            Work on demand, for comparisons with other programs: a line "ENCODER THREADS PRECISION COUNT" on standard \
            input asks for one pass and COUNT timed ones, answered by a line of JSON.
            """)
    var paced = false

    func validate() throws {
        guard (1...100_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 100000") }
    }

    func run() throws {
        var subjects: [EncoderSubject] = []
        for precision in precision.all { subjects += try orExit { try makeSubjects(precision) } }
        if paced {
            var bench = PacedBench(subjects: subjects, make: makeSubjects)
            return try bench.run()
        }
        let speeds = try EncoderSpeed.measure(subjects, pools: threads.pools, rounds: rounds)
        guard json else { return try emit(Self.table(speeds)) }
        let document: JSONDocument = [
            "machine": Machine.document, "rounds": .integer(rounds),
            "encoders": .array(speeds.map(\.document)),
        ]
        try emit(document.serialised(pretty: true))
    }

    private func makeSubjects(_ precision: Precision) throws -> [EncoderSubject] {
        if fullSize { return try EncoderSubject.published(precision: precision) }
        let directory =
            bundle ?? ProcessInfo.processInfo.environment["FIRSTLEAD_BUNDLE"] ?? "Bundles/demonstration"
        return try ModelBundle.load(directory: directory, pool: .single, precision: precision).encoders.map {
            EncoderSubject($0.network)
        }
    }

    private static func table(_ speeds: [EncoderSpeed]) -> String {
        let head = columns(["encoder", "threads", "precision", "median ms", "GFLOP/s", "peak", "share"])
        let rows = speeds.map { speed in
            columns([
                speed.encoder.rawValue, "\(speed.threads)", speed.precision.rawValue,
                fixed(speed.times.median, digits: 1), fixed(speed.gflops, digits: 1),
                fixed(speed.peakGFLOPS, digits: 1), fixed(100 * speed.shareOfPeak, digits: 1) + " %",
            ])
        }
        return ([head] + rows).joined(separator: "\n")
    }
}

/// Several arithmetics, separated by commas.
struct PrecisionList: ExpressibleByArgument {
    let all: [Precision]

    init(_ all: [Precision]) { self.all = all }

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        all = names.compactMap { Precision(rawValue: String($0)) }
        guard all.count == names.count, Set(all).count == all.count else { return nil }
    }
}

/// One measurement for each line of standard input.
private struct PacedBench {
    var subjects: [EncoderSubject]
    /// Makes the encoders of another arithmetic when they are asked for.
    let make: (Precision) throws -> [EncoderSubject]

    mutating func run() throws {
        try emit(JSONDocument.object([.init("ready", true)]).serialised())
        var pools: [Int: WorkerPool] = [:]
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4, let id = EncoderID(rawValue: words[0]), let threads = Int(words[1]),
                (1...256).contains(threads), let count = Int(words[3]), (1...1_000).contains(count)
            else {
                try emit(problem("expected ENCODER THREADS PRECISION COUNT, found '\(line)'"))
                continue
            }
            guard let precision = Precision(rawValue: words[2]), let subject = try subject(id, precision)
            else {
                try emit(problem("'\(words[0])' with precision '\(words[2])' is not implemented"))
                continue
            }
            let pool = pools[threads] ?? WorkerPool(threads: threads)
            pools[threads] = pool
            try emit(try visit(subject, pool: pool, count: count))
        }
    }

    private mutating func subject(_ id: EncoderID, _ precision: Precision) throws -> EncoderSubject? {
        if !subjects.contains(where: { $0.encoder.precision == precision }) {
            subjects += try make(precision)
        }
        return subjects.first { $0.encoder.id == id && $0.encoder.precision == precision }
    }

    private func visit(_ subject: EncoderSubject, pool: WorkerPool, count: Int) throws -> String {
        var embedding = try subject.embed(pool: pool)
        var times: [Double] = []
        for _ in 0..<count {
            let timed = try subject.timed(pool: pool)
            embedding = timed.embedding
            times.append(timed.milliseconds)
        }
        let document: JSONDocument = [
            "encoder": .text(subject.encoder.id.rawValue), "threads": .integer(pool.threads),
            "precision": .text(subject.encoder.precision.rawValue),
            "milliseconds": .array(times.map { .rounded($0, digits: 3) }),
            "peakGFLOPS": .rounded(Kernels.peakGFLOPS(pool: pool), digits: 1),
            "embedding": .array(embedding.values.map { .float($0) }),
        ]
        return document.serialised()
    }

    private func problem(_ text: String) -> String {
        JSONDocument.object([.init("error", .text(text))]).serialised()
    }
}

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
    @Option(help: "Arithmetic; fp32 is the only one.") var precision: String = Precision.fp32.rawValue
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
        guard Precision(rawValue: precision) != nil else {
            throw ValidationError("--precision '\(precision)' is not implemented; there is fp32")
        }
    }

    func run() throws {
        let subjects = try orExit { try makeSubjects() }
        if paced { return try PacedBench(subjects: subjects).run() }
        let speeds = try EncoderSpeed.measure(subjects, pools: threads.pools, rounds: rounds)
        guard json else { return try emit(Self.table(speeds)) }
        let document: JSONDocument = [
            "machine": Machine.document, "rounds": .integer(rounds),
            "encoders": .array(speeds.map(\.document)),
        ]
        try emit(document.serialised(pretty: true))
    }

    private func makeSubjects() throws -> [EncoderSubject] {
        if fullSize { return try EncoderSubject.published() }
        let directory =
            bundle ?? ProcessInfo.processInfo.environment["FIRSTLEAD_BUNDLE"] ?? "Bundles/demonstration"
        return try ModelBundle.load(directory: directory, pool: .single).encoders.map {
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

/// One measurement for each line of standard input.
private struct PacedBench {
    let subjects: [EncoderSubject]

    func run() throws {
        try emit(JSONDocument.object([.init("ready", true)]).serialised())
        var pools: [Int: WorkerPool] = [:]
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4,
                let subject = subjects.first(where: { $0.encoder.id.rawValue == words[0] }),
                let threads = Int(words[1]), (1...256).contains(threads), let count = Int(words[3]),
                (1...1_000).contains(count)
            else {
                try emit(problem("expected ENCODER THREADS PRECISION COUNT, found '\(line)'"))
                continue
            }
            guard words[2] == Precision.fp32.rawValue else {
                try emit(problem("precision '\(words[2])' is not implemented; there is fp32"))
                continue
            }
            let pool = pools[threads] ?? WorkerPool(threads: threads)
            pools[threads] = pool
            try emit(try visit(subject, pool: pool, count: count))
        }
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
            "precision": .text(Precision.fp32.rawValue),
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

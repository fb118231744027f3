import ArgumentParser
import Bytes
import Measurement
import Tensor

/// `firstlead bench baseline`: the paper's ResNet-50, training and inference.
struct BenchBaseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Speed of the baseline's training and inference, in ECGs per second.",
        discussion: """
            Example: firstlead bench baseline --batch 16 --rounds 3

            A ResNet-50 at full width on deterministic weights and signals. Benchmarks/peers/baseline.py compares it \
            with PyTorch, turn by turn.
            """)

    @Option(help: "ECGs of a training step.") var batch = 16
    @Option(help: "Batches that each is timed for, after one that is not.") var rounds = 5
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON.") var json = false
    @Flag(
        help: """
            Work on demand, for comparisons with other programs: a line "train COUNT" or "infer COUNT" on standard \
            input asks for so many batches, answered by a line of JSON.
            """)
    var paced = false

    func validate() throws {
        guard (2...1_024).contains(batch) else { throw ValidationError("--batch takes 2 to 1024") }
        guard (1...100_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 100000") }
    }

    func run() throws {
        var speed = try BaselineSpeed(batch: batch, pool: threading.makePool())
        if paced { return try answer(&speed) }
        for work in BaselineSpeed.Work.allCases {
            _ = speed.seconds(work)
            let measured = speed.measure(work, rounds: rounds)
            try emit(
                json
                    ? measured.document.serialised(pretty: true)
                    : "\(work.rawValue): \(measured.median) ECGs per second (median of \(rounds))")
        }
    }

    private func answer(_ speed: inout BaselineSpeed) throws {
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, let work = BaselineSpeed.Work(rawValue: String(words[0])),
                let count = Int(words[1]), (1...1_000).contains(count)
            else { throw ValidationError("expected train or infer and a count, not '\(line)'") }
            try emit(speed.measure(work, rounds: count).document.serialised())
        }
    }
}

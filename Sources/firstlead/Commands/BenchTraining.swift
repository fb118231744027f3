import ArgumentParser
import Bytes
import Foundation
import Measurement
import Risk

/// `firstlead bench training`: what it costs to fit a head to many records.
struct BenchTraining: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training", abstract: "Time and memory of fitting a head to synthetic embeddings.",
        discussion: """
            Example: firstlead bench training --rows 6000,100000 --features 1536

            Uniform random numbers, of which eight decide the label; the paper's hyperparameters. Sizes run in the order \
            given, and the peak is the process's: name the largest last.
            """)

    @Option(help: ArgumentHelp("Records, smallest first.", valueName: "n,...")) var rows = "6000,100000"
    @Option(help: "Features of a record; both encoders have 1536.") var features = 1_536
    @Option(help: "Boosting rounds.") var rounds = 100
    @Option(help: "Threads.") var threads = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print JSON.") var json = false

    private var sizes: [Int] { rows.split(separator: ",").compactMap { Int($0) } }

    func validate() throws {
        guard !sizes.isEmpty, sizes.count == rows.split(separator: ",").count,
            sizes.allSatisfy({ (10...10_000_000).contains($0) })
        else { throw ValidationError("--rows takes numbers from 10 up") }
        guard (8...100_000).contains(features) else { throw ValidationError("--features takes 8 to 100000") }
        guard (1...10_000).contains(rounds) else { throw ValidationError("--rounds takes 1 to 10000") }
        guard (1...256).contains(threads) else { throw ValidationError("--threads takes 1 to 256") }
    }

    func run() throws {
        var documents: [JSONDocument] = []
        for size in sizes {
            let cohort = SyntheticEmbeddings(count: size, width: features)
            let before = Machine.memory.resident ?? .nan
            let start = ContinuousClock.now
            let bytes: Int
            do throws(BoosterError) { bytes = try cohort.fit(rounds: rounds, threads: threads) } catch {
                report(error.message)
                throw Exit.software
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let peak = Machine.memory.peak ?? .nan
            documents.append([
                "rows": .integer(size), "features": .integer(features), "rounds": .integer(rounds),
                "threads": .integer(threads), "seconds": .rounded(seconds, digits: 1),
                "embeddingsMegabytes": .rounded(before, digits: 0),
                "peakMegabytes": .rounded(peak, digits: 0), "boosterBytes": .integer(bytes),
            ])
            if !json {
                try emit(
                    "\(size) x \(features), \(rounds) rounds, \(threads) threads: \(Int(seconds.rounded())) s; "
                        + "\(Int(before)) MB before, \(Int(peak)) MB at the peak")
            }
        }
        if json { try emit(JSONDocument.array(documents).serialised(pretty: true)) }
    }
}

/// Embeddings as a cohort's lie in memory, an array for each record, with labels that follow from them.
private struct SyntheticEmbeddings {
    private var rows: [[Float]] = []
    private var labels: [Float] = []
    private let width: Int

    init(count: Int, width: Int) {
        self.width = width
        var generator = SplitMix64(seed: 1)
        for _ in 0..<count {
            let row = (0..<width).map { _ in Float(generator.unit()) }
            let sum = row.prefix(8).reduce(0, +) + Float(generator.unit())
            rows.append(row)
            labels.append(sum > 5 ? 1 : 0)
        }
    }

    /// Bytes of the booster.
    func fit(rounds: Int, threads: Int) throws(BoosterError) -> Int {
        var parameters = BoosterParameters()
        parameters.rounds = rounds
        let batches = RowBatches(rowCount: rows.count, featureCount: width) {
            (range) throws(FeatureError) in range.flatMap { rows[$0] }
        }
        return try BoosterTrainer.train(
            batches: batches, labels: labels, parameters: parameters, threads: threads
        ).count
    }
}

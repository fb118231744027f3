import ECG
import Encoders
import Foundation
import Tensor
import TestSupport
import Testing

/// A model that is built once and compared on every recording.
final class Model: Sendable, CustomTestStringConvertible {
    let folder: String
    let encoderFolder: String
    let encoder: any Encoder
    let testDescription: String

    init(_ encoderFolder: String, _ size: String, _ encoder: any Encoder) {
        self.encoderFolder = encoderFolder
        self.folder = encoderFolder + "/" + size
        self.encoder = encoder
        testDescription = folder
    }
}

/// Embeddings against the authors' networks run in float64.
@Suite(.serialized) struct AgreementTests {
    static let pool = WorkerPool(threads: 2)

    /// Five times the authors' own spread is 4e-5; every mistake that was tried is above 2e-4.
    private static let tolerance = 5e-5

    @Test func smallSTMEM() throws {
        let encoder = try STMEMEncoder(config: .tiny, weights: SeededWeights())
        try compare(Model("stmem", "tiny", encoder), count: 7)
    }

    @Test func smallECGFM() throws {
        let encoder = try ECGFMEncoder(config: .tiny, weights: SeededWeights())
        try compare(Model("ecgfm", "tiny", encoder), count: 10)
    }

    @Test func smallFineTunedECGFM() throws {
        let weights = AlteredWeights(prefix: "finetuned/", namePrefix: "encoder.")
        let encoder = try ECGFMEncoder(config: .tiny, weights: weights)
        try compare(Model("ecgfm", "tiny_finetuned", encoder), count: 10)
    }

    @Test func publishedSTMEM() throws {
        let encoder = try STMEMEncoder(config: .published, weights: SeededWeights())
        try compare(Model("stmem", "full", encoder), count: 7)
        try sameBitsOnOneThread("stmem", encoder)
        for recording in Reference.recordings("stmem") {
            try compareStages("stmem", recording, channelFirst: []) { segment, probe in
                _ = try encoder.embed(segment, pool: Self.pool, probe: probe)
            }
        }
    }

    @Test func publishedECGFM() throws {
        let encoder = try ECGFMEncoder(config: .published, weights: SeededWeights())
        try compare(Model("ecgfm", "full", encoder), count: 10)
        try sameBitsOnOneThread("ecgfm", encoder)
        for recording in Reference.recordings("ecgfm") {
            try compareStages("ecgfm", recording, channelFirst: ["conv0", "conv_features"]) {
                segment, probe in
                _ = try encoder.embed(segment, pool: Self.pool, probe: probe)
            }
        }
    }

    private func sameBitsOnOneThread(_ folder: String, _ encoder: any Encoder) throws {
        let segment = try #require(try Reference.segments(folder, "code15_1594286").first)
        let one = try encoder.embed(segment, pool: WorkerPool(threads: 1))
        #expect(try encoder.embed(segment, pool: Self.pool) == one)
    }

    /// Every window of every recording.
    private func compare(_ model: Model, count: Int) throws {
        let recordings = Reference.recordings(model.encoderFolder)
        #expect(recordings.count == count)
        var worst = 0.0
        for recording in recordings {
            let expected = try Reference.array("\(model.folder)/\(recording)_f64.npy")
            let segments = try Reference.segments(model.encoderFolder, recording)
            #expect(expected.shape == [segments.count, model.encoder.width])
            let embeddings = try model.encoder.embed(segments, pool: Self.pool)
            for (index, embedding) in embeddings.enumerated() {
                let found = embedding.values.map(Double.init)
                let row = Array(expected.values[index * found.count..<(index + 1) * found.count])
                let difference = zip(found, row).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference <= Self.tolerance, "\(model.folder) \(recording) window \(index)")
                #expect(1 - cosine(found, row) <= 1e-9)
                worst = max(worst, difference)
            }
        }
        print("\(model.folder): largest difference \(worst)")
    }

    private func cosine(_ a: [Double], _ b: [Double]) -> Double {
        func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }

    /// Mean, deviation, extremes and sixteen values of each stage. Stages grow to 9, so that two float32 runs
    /// differ by more than in the embedding: ten times its tolerance catches every mistake still.
    private func compareStages(
        _ encoder: String, _ recording: String, channelFirst: Set<String>,
        run: (Segment, @escaping Probe) throws -> Void
    ) throws {
        let data = try Data(
            contentsOf: URL(filePath: Reference.path("\(encoder)/full/\(recording).stages.json")))
        let stages = try JSONDecoder().decode(StageFile.self, from: data).stages
        let segment = try #require(try Reference.segments(encoder, recording).first)
        var seen: [String: [Double]] = [:]
        try run(segment) { stage, activations in
            let values = channelFirst.contains(stage) ? transposed(activations) : activations.values
            seen[stage] = values.map(Double.init)
        }
        #expect(seen.count >= 6)
        for (stage, values) in seen {
            let expected = try #require(stages[stage], "\(stage)")
            try #require(values.count == expected.shape.reduce(1, *))
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            let limit = 10 * Self.tolerance
            #expect(abs(mean - expected.mean) <= 1e-6)
            #expect(abs(variance.squareRoot() - expected.std) <= 1e-5)
            #expect(abs((values.min() ?? .nan) - expected.min) <= limit)
            #expect(abs((values.max() ?? .nan) - expected.max) <= limit)
            for (index, value) in zip(expected.probe_index, expected.probe) {
                #expect(abs(values[index] - value) <= limit, "\(recording) \(stage) [\(index)]")
            }
        }
    }
}

/// `[steps, channels]` as `[channels, steps]`.
func transposed(_ matrix: Matrix) -> [Float] {
    (0..<matrix.columns).flatMap { column in (0..<matrix.rows).map { matrix[$0, column] } }
}

private struct StageFile: Decodable {
    struct Stage: Decodable {
        let shape: [Int]
        let mean: Double
        let std: Double
        let min: Double
        let max: Double
        let probe_index: [Int]
        let probe: [Double]
    }
    let stages: [String: Stage]
}

import ECG
import Encoders
import Foundation
import Tensor
import Testing

@Suite struct EncoderTests {
    private let pool = WorkerPool(threads: 1)

    private func encoders() throws -> [any Encoder] {
        [
            try STMEMEncoder(config: .tiny, weights: SeededWeights()),
            try ECGFMEncoder(config: .tiny, weights: SeededWeights()),
        ]
    }

    private func segment(_ encoder: any Encoder) throws -> Segment {
        let folder = encoder.id == .stMEM ? "stmem" : "ecgfm"
        return try #require(try Reference.segments(folder, "code15_1594286").first)
    }

    @Test func bitsDependOnNeitherThreadsNorInstructionSetNorHistory() throws {
        for encoder in try encoders() {
            let segment = try segment(encoder)
            let expected = try encoder.embed(segment, pool: pool)
            #expect(try encoder.embed(segment, pool: pool) == expected)
            for threads in [2, 3] {
                let pool = WorkerPool(threads: threads)
                #expect(try encoder.embed(segment, pool: pool) == expected)
            }
            for variant in Kernels.available {
                let found = try Kernels.with(variant: variant) { try encoder.embed(segment, pool: pool) }
                #expect(found == expected, "\(variant)")
            }
        }
    }

    /// The last block computed for the pooled mean only, against the block for every token and its mean. Equal in exact
    /// arithmetic; single precision rounds both within a few units of the values' size.
    @Test func poolingBeforeTheLastLayerChangesNothing() throws {
        for config in [STMEMConfig.tiny, .published] {
            let encoder = try STMEMEncoder(config: config, weights: SeededWeights())
            let segment = try segment(encoder)
            let pool = WorkerPool(threads: 2)
            let short = try encoder.embed(segment, pool: pool)
            var stages = 0
            let long = try encoder.embed(segment, pool: pool) { _, _ in stages += 1 }
            #expect(stages == 6)
            let differences = zip(short.values, long.values).map { abs($0 - $1) }
            #expect(differences.allSatisfy { $0 < 1e-5 } && short != long)
        }
    }

    /// Two windows in one pass, against each alone: at published size other products are taken apart.
    @Test func windowsInOnePassAgreeWithEachAlone() throws {
        for config in [ECGFMConfig.tiny, .published] {
            let encoder = try ECGFMEncoder(config: config, weights: SeededWeights())
            let windows = try Reference.segments("ecgfm", "syn_500").prefix(2)
            let pool = WorkerPool(threads: 2)
            let together = try encoder.embed(Array(windows), pool: pool)
            #expect(together.count == 2 && together[0] != together[1])
            let single = WorkerPool(threads: 1)
            #expect(try encoder.embed(Array(windows), pool: single) == together)
            for (window, found) in zip(windows, together) {
                let alone = try encoder.embed(window, pool: pool)
                #expect(zip(alone.values, found.values).allSatisfy { abs($0 - $1) < 1e-5 })
            }
        }
    }

    @Test func passesAtTheSameTimeDoNotDisturbEachOther() async throws {
        for encoder in try encoders() {
            let segment = try segment(encoder)
            let expected = try encoder.embed(segment, pool: pool)
            try await withThrowingTaskGroup(of: Embedding.self) { group in
                for _ in 0..<6 {
                    group.addTask { [pool] in try encoder.embed(segment, pool: pool) }
                }
                for try await found in group { #expect(found == expected) }
            }
        }
    }

    @Test func oddSizesWork() throws {
        let stmem = STMEMConfig(
            seqLen: 130, patchSize: 13, numLeads: 12, width: 22, depth: 1, heads: 3, dimHead: 5, mlpDim: 17)
        var ecgfm = ECGFMConfig.tiny
        ecgfm.convFeatureLayers = [
            ConvolutionShape(dim: 9, kernel: 3, stride: 3), ConvolutionShape(dim: 30, kernel: 2, stride: 2),
        ]
        ecgfm.encoderEmbedDim = 30
        ecgfm.encoderAttentionHeads = 3
        ecgfm.convPos = 7
        ecgfm.convPosGroups = 2
        ecgfm.segmentSamples = 131
        let encoders: [(any Encoder, Int)] = [
            (try STMEMEncoder(config: stmem, weights: SeededWeights()), 130),
            (try ECGFMEncoder(config: ecgfm, weights: SeededWeights()), 131),
        ]
        for (encoder, samples) in encoders {
            let values = (0..<12 * samples).map { Float($0 * 7919 % 1_000) / 500 - 1 }
            let segment = Segment(values: values, sampleCount: samples)
            let embedding = try encoder.embed(segment, pool: pool)
            #expect(embedding.width == encoder.width)
            #expect(Set(embedding.values).count > encoder.width / 2)
        }
    }

    @Test func refusesWindowsOfAnotherLengthOrNotFinite() throws {
        for encoder in try encoders() {
            var values = try segment(encoder).values
            let samples = values.count / 12
            #expect(throws: EncoderError.segmentLength(samples: samples - 1, expected: samples)) {
                try encoder.embed(
                    Segment(values: Array(values.dropLast(12)), sampleCount: samples - 1), pool: pool)
            }
            #expect(throws: EncoderError.segmentLength(samples: samples, expected: samples)) {
                try encoder.embed(Segment(values: [], sampleCount: samples), pool: pool)
            }
            values[3 * samples + 5] = .nan
            #expect(throws: EncoderError.inputNotFinite(lead: 3, sample: 5)) {
                try encoder.embed(Segment(values: values, sampleCount: samples), pool: pool)
            }
        }
    }

    @Test func refusesAFeatureThatIsAlwaysZero() throws {
        var weights = ReplacedWeights()
        weights.values["encoder.layers.1.final_layer_norm.weight"] = 0
        weights.values["encoder.layers.1.final_layer_norm.bias"] = 0
        let encoder = try ECGFMEncoder(config: .tiny, weights: weights)
        #expect(throws: EncoderError.featureAlwaysZero(feature: 0)) {
            try encoder.embed(segment(encoder), pool: pool)
        }
    }

    @Test func refusesAnEmbeddingThatOverflowed() throws {
        var weights = ReplacedWeights()
        weights.values["encoder.layers.1.fc2.weight"] = 3e38
        let encoder = try ECGFMEncoder(config: .tiny, weights: weights)
        #expect(throws: EncoderError.embeddingNotFinite(feature: 0)) {
            try encoder.embed(segment(encoder), pool: pool)
        }
    }

    @Test func meanOfWindows() {
        let mean = Embedding.mean(of: [Embedding([1, 2]), Embedding([2, 4]), Embedding([6, -3])])
        #expect(mean == Embedding([3, 1]))
        #expect(Embedding.mean(of: []) == nil)
        #expect(Embedding.mean(of: [Embedding([1]), Embedding([1, 2])]) == nil)
    }
}

/// The deterministic fill with some tensors constant.
private struct ReplacedWeights: WeightSource {
    var values: [String: Float] = [:]
    var names: Set<String> { [] }

    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let value = values[name] else { return try SeededWeights().tensor(name, shape: shape) }
        let constant = Constant(value, count: shape.reduce(1, *))
        return unsafe WeightView(
            shape: shape, values: UnsafeBufferPointer(constant.buffer), owner: constant)
    }
}

@safe private final class Constant {
    let buffer: UnsafeMutableBufferPointer<Float>

    init(_ value: Float, count: Int) {
        unsafe buffer = .allocate(capacity: count)
        unsafe buffer.initialize(repeating: value)
    }

    deinit { unsafe buffer.deallocate() }
}

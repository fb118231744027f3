import ECG
import Encoders
import Tensor
import TestSupport
import Testing

/// Whole intermediate tensors of the small models against the authors' networks in float32.
@Suite struct StageTests {
    private static let recording = "code15_1594286"
    private let pool = WorkerPool(threads: 2)

    @Test func stagesOfSTMEM() throws {
        let encoder = try STMEMEncoder(config: .tiny, weights: SeededWeights())
        let segment = try #require(try Reference.segments("stmem", Self.recording).first)
        var seen: [String: [Float]] = [:]
        _ = try encoder.embed(segment, pool: pool) { seen[$0] = $1.values }
        try compare(
            seen, "stmem",
            [
                "patch_embedding", "tokens", "after_block0", "after_last_block", "pooled", "embedding",
            ])
    }

    @Test func stagesOfECGFM() throws {
        let encoder = try ECGFMEncoder(config: .tiny, weights: SeededWeights())
        let segment = try #require(try Reference.segments("ecgfm", Self.recording).first)
        var seen: [String: [Float]] = [:]
        _ = try encoder.embed(segment, pool: pool) { stage, activations in
            seen[stage] = stage.hasPrefix("conv") ? transposed(activations) : activations.values
        }
        try compare(
            seen, "ecgfm",
            [
                "conv0", "conv_features", "feature_layer_norm", "post_extract_proj", "block0_in",
                "after_block0", "after_last_block",
            ])
    }

    private func compare(_ seen: [String: [Float]], _ encoder: String, _ stages: [String]) throws {
        #expect(Set(seen.keys) == Set(stages))
        for stage in stages {
            let path = "\(encoder)/tiny/stages_\(Self.recording)/\(stage).npy"
            let expected = try Reference.array(path).values
            let found = try #require(seen[stage])
            try #require(found.count == expected.count)
            let difference = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
            #expect(difference <= 5e-5, "\(stage)")
        }
    }
}

import Encoders
import Foundation
import Tensor
import Testing

@Suite struct WeightTests {
    /// Names, shapes and first values of the authors' checkpoints.
    @Test(arguments: [
        "stmem_tiny_encoder", "stmem_full_encoder", "ecgfm_tiny_pretrained", "ecgfm_full_pretrained",
    ])
    func tensorsAreThoseOfTheCheckpoint(table: String) throws {
        let text = try String(contentsOfFile: Reference.path("tensors/\(table).tsv"), encoding: .utf8)
        var expected: [String: (shape: [Int], bits: String)] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: "\t").map(String.init)
            let name = cells[0].replacingOccurrences(
                of: "parametrizations.weight.original0", with: "weight_g"
            )
            .replacingOccurrences(of: "parametrizations.weight.original1", with: "weight_v")
            let unused = ["mask_emb", "quantizer.", "project_q.", "final_proj."]
            if unused.contains(where: name.hasPrefix) { continue }
            expected[name] = (cells[1].split(separator: "x").compactMap { Int($0) }, cells[2])
        }
        let isTiny = table.contains("tiny")
        let found =
            table.hasPrefix("stmem")
            ? STMEMEncoder.tensorShapes(isTiny ? .tiny : .published)
            : ECGFMEncoder.tensorShapes(isTiny ? .tiny : .published)
        #expect(Set(found.map(\.name)) == Set(expected.keys))
        #expect(found.count == expected.count)
        for (name, shape) in found {
            #expect(expected[name]?.shape == shape, "\(name)")
            let first = try SeededWeights().floats(name, shape: shape)[0]
            #expect(UInt32(expected[name]?.bits ?? "", radix: 16) == first.bitPattern, "\(name)")
        }
    }

    @Test func publishedSTMEMHasItsNumberOfParameters() {
        let shapes = STMEMEncoder.tensorShapes(.published)
        #expect(shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == 85_150_614)
    }

    /// Leaves out each tensor in turn.
    @Test func namesTheTensorThatIsMissingOrMisshapen() {
        for (name, shape) in STMEMEncoder.tensorShapes(.tiny) {
            #expect(throws: WeightError.missing(name: name, expected: shape)) {
                try STMEMEncoder(config: .tiny, weights: AlteredWeights(missing: name))
            }
            #expect(throws: WeightError.shape(name: name, found: [1], expected: shape)) {
                try STMEMEncoder(config: .tiny, weights: AlteredWeights(misshapen: name))
            }
        }
        for (name, shape) in ECGFMEncoder.tensorShapes(.tiny) {
            #expect(throws: WeightError.missing(name: name, expected: shape)) {
                try ECGFMEncoder(config: .tiny, weights: AlteredWeights(missing: name))
            }
            #expect(throws: WeightError.shape(name: name, found: [1], expected: shape)) {
                try ECGFMEncoder(config: .tiny, weights: AlteredWeights(misshapen: name))
            }
        }
    }

    @Test func namesTensorsThatHaveNoPlace() {
        var names = Set(STMEMEncoder.tensorShapes(.tiny).map(\.name))
        #expect(throws: Never.self) {
            try STMEMEncoder(config: .tiny, weights: AlteredWeights(names: names))
        }
        names.formUnion(["head.weight", "head.bias"])
        #expect(throws: WeightError.unexpected(names: ["head.bias", "head.weight"])) {
            try STMEMEncoder(config: .tiny, weights: AlteredWeights(names: names))
        }
        #expect(throws: WeightError.unexpected(names: ["mask_emb"])) {
            try ECGFMEncoder(config: .tiny, weights: AlteredWeights(names: ["mask_emb"]))
        }
    }

    @Test(arguments: [
        ("num_leads", 8), ("seq_len", 2_251), ("patch_size", 0), ("width", 0), ("width", Int.max),
        ("depth", 1_000_000), ("heads", -1), ("dim_head", 1 << 40), ("mlp_dim", 0),
    ])
    func refusesSettingsOfSTMEM(setting: String, value: Int) throws {
        var fields = try fields(STMEMConfig.tiny)
        fields[setting] = value
        let config = try JSONDecoder().decode(
            STMEMConfig.self, from: JSONSerialization.data(withJSONObject: fields))
        let error = #expect(throws: WeightError.self) {
            try STMEMEncoder(config: config, weights: SeededWeights())
        }
        guard case .unsupported(setting, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("layer_norm_first", "true"), ("conv_bias", "true"), ("extractor_mode", "\"layer_norm\""),
        ("in_d", "1"),
        ("encoder_attention_heads", "5"), ("conv_pos", "0"), ("conv_pos_groups", "5"),
        ("conv_feature_layers", "[]"), ("conv_feature_layers", "[[32, 3, 2]]"),
        ("conv_feature_layers", "[[32, 0, 0]]"), ("conv_feature_layers", "[[9223372036854775807, 2, 2]]"),
        ("segment_samples", "15"), ("segment_samples", "0"), ("encoder_layers", "9223372036854775807"),
    ])
    func refusesSettingsOfECGFM(setting: String, json: String) throws {
        var fields = try fields(ECGFMConfig.tiny)
        fields[setting] = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        let config = try JSONDecoder().decode(
            ECGFMConfig.self, from: JSONSerialization.data(withJSONObject: fields))
        let error = #expect(throws: WeightError.self) {
            try ECGFMEncoder(config: config, weights: SeededWeights())
        }
        guard case .unsupported = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func refusesMoreParametersThanAnyModelNeeds() {
        var config = STMEMConfig.published
        config.width = 8_192
        config.mlpDim = 32_768
        config.depth = 100
        #expect {
            try STMEMEncoder(config: config, weights: SeededWeights())
        } throws: { error in
            guard case WeightError.unsupported("parameters", _, _) = error else { return false }
            return true
        }
    }

    @Test func configurationsSurviveJSON() throws {
        #expect(try fields(STMEMConfig.published)["mlp_dim"] as? Int == 3_072)
        #expect(
            try fields(ECGFMConfig.published)["conv_feature_layers"] as? [[Int]]
                == [[Int]](repeating: [256, 2, 2], count: 4))
        let config = try JSONDecoder().decode(
            ECGFMConfig.self, from: JSONEncoder().encode(ECGFMConfig.published))
        #expect(config == .published)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ConvolutionShape.self, from: Data("[256, 2, 2, 2]".utf8))
        }
    }

    private func fields(_ config: some Encodable) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(config))
        return try #require(object as? [String: Any])
    }
}

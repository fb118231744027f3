import ECG
import Encoders
import Foundation
import Tensor
import TestSupport

/// Reference data: embeddings and stages of this folder's fixtures, inputs of the preprocessing tests' ones.
enum Reference {
    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appending(path: "Fixtures/" + name).path
    }

    static func array(_ name: String) throws -> NumpyArray { try NumpyArray(contentsOf: path(name)) }

    /// Where the authors' preprocessing for an encoder is: "stmem", "ecgfm".
    private static func inputs(_ encoder: String) -> String {
        Repository.path("Tests/PreprocessingTests/Fixtures/" + (encoder == "stmem" ? "st-mem" : "ecg-fm"))
    }

    /// Recordings whose inputs are stored for an encoder.
    static func recordings(_ encoder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: inputs(encoder))
        return (names ?? []).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }.sorted()
    }

    /// The windows of a recording as the network reads them.
    static func segments(_ encoder: String, _ recording: String) throws -> [Segment] {
        let array = try NumpyArray(contentsOf: inputs(encoder) + "/\(recording).npy")
        return (0..<array.shape[0]).map {
            Segment(values: array[$0].map(Float.init), sampleCount: array.shape[2])
        }
    }
}

/// The deterministic fill under other names, or with something wrong on purpose.
struct AlteredWeights: WeightSource {
    var prefix = ""
    /// Put before every name.
    var namePrefix = ""
    var names: Set<String> = []
    var missing: String?
    var misshapen: String?

    func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        if name == missing { throw .missing(name: name, expected: shape) }
        if name == misshapen { throw .shape(name: name, found: [1], expected: shape) }
        return try SeededWeights(prefix: prefix).tensor(namePrefix + name, shape: shape)
    }
}

extension STMEMConfig {
    static let tiny = STMEMConfig(
        seqLen: 2_250, patchSize: 75, numLeads: 12, width: 64, depth: 2, heads: 2, dimHead: 32, mlpDim: 128)
}

extension ECGFMConfig {
    static let tiny: ECGFMConfig = {
        var config = ECGFMConfig()
        config.convFeatureLayers = [ConvolutionShape](
            repeating: ConvolutionShape(dim: 32, kernel: 2, stride: 2), count: 4)
        config.encoderEmbedDim = 64
        config.encoderLayers = 2
        config.encoderFFNEmbedDim = 128
        config.encoderAttentionHeads = 4
        config.convPos = 16
        config.convPosGroups = 4
        return config
    }()
}

import Checkpoint
package import Encoders
import Foundation
import Scoring
import Tensor

/// Writes encoders whose weights are a seeded initialisation: they show the machinery and have learnt nothing.
///
/// Their files say `flavour: seeded`, and so does every answer made with them.
package enum SeededEncoder {
    /// Licence of files that hold no one's trained weights.
    package static let licence = "Apache-2.0"

    /// Small enough to stay in the repository; the architecture is ST-MEM's.
    package static var smallSTMEM: STMEMConfig {
        var config = STMEMConfig.published
        config.width = 128
        config.depth = 2
        config.heads = 4
        config.dimHead = 32
        config.mlpDim = 512
        return config
    }

    /// Small enough to stay in the repository; the architecture is ECG-FM's.
    package static var smallECGFM: ECGFMConfig {
        var config = ECGFMConfig.published
        config.convFeatureLayers = Array(
            repeating: ConvolutionShape(dim: 64, kernel: 2, stride: 2), count: 4)
        config.encoderEmbedDim = 128
        config.encoderLayers = 2
        config.encoderFFNEmbedDim = 512
        config.encoderAttentionHeads = 4
        config.convPos = 32
        config.convPosGroups = 4
        return config
    }

    /// Writes an ST-MEM of any size.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    package static func write(_ config: STMEMConfig, seed: String, to path: String) throws(TrainingError) {
        try write(.stMEM, config, STMEMEncoder.tensorShapes(config), seed: seed, to: path)
    }

    /// Writes an ECG-FM of any size.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    package static func write(_ config: ECGFMConfig, seed: String, to path: String) throws(TrainingError) {
        try write(.ecgFM, config, ECGFMEncoder.tensorShapes(config), seed: seed, to: path)
    }

    /// Writes an encoder of the architecture that a safetensors file describes.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    package static func write(like source: String, seed: String, to path: String) throws(TrainingError) {
        do {
            let metadata = try SafetensorsFile(path: source).metadata
            let config = Data((metadata["config"] ?? "").utf8)
            switch metadata["encoder"].flatMap(EncoderID.init(rawValue:)) {
            case .stMEM: try write(JSONDecoder().decode(STMEMConfig.self, from: config), seed: seed, to: path)
            case .ecgFM: try write(JSONDecoder().decode(ECGFMConfig.self, from: config), seed: seed, to: path)
            case nil: throw TrainingError.file(path: source, reason: "the metadata names no encoder")
            }
        } catch let error as TrainingError {
            throw error
        } catch { throw .file(path: source, reason: "\(error)") }
    }

    private static func write(
        _ id: EncoderID, _ config: some Encodable, _ shapes: [(name: String, shape: [Int])], seed: String,
        to path: String
    ) throws(TrainingError) {
        let weights = SeededWeights(prefix: seed)
        do {
            var tensors: [(name: String, view: WeightView)] = []
            for (name, shape) in shapes { tensors.append((name, try weights.tensor(name, shape: shape))) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let metadata = [
                "format": "firstlead-encoder/1", "encoder": id.rawValue, "flavour": Manifest.seededFlavour,
                "seed": seed,
                "licence": licence, "config": String(decoding: try encoder.encode(config), as: UTF8.self),
            ]
            try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        } catch { throw .file(path: path, reason: "\(error)") }
    }
}

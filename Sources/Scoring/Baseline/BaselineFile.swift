import Bytes
package import Checkpoint
import Foundation
package import Networks
import Preprocessing
package import Tensor

/// The baseline's weights in memory, by torchvision's names, with what is known of their origin.
package struct BaselineFile: Sendable {
    package let config: ResNetConfig
    /// What the safetensors file says about itself.
    package let metadata: [String: String]
    private let tensors: [(name: String, view: WeightView)]

    /// What `__metadata__` names a file that can be served.
    package static let format = "firstlead-baseline/1"
    /// What it names the file of a training, which holds Adam's moments too.
    package static let trainingFormat = "firstlead-baseline-training/1"
    /// What a training's file keeps beside the network.
    package static let (firstMoments, secondMoments) = ("adam.first.", "adam.second.")
    /// What begins the names of the network after the best epoch, where there is a validation part.
    package static let bestEpoch = "best."

    /// Reads a PyTorch state dictionary, a safetensors file of such names, or what `firstlead train-baseline` writes.
    ///
    /// - Parameter licence: Of the weights, where the file does not say.
    ///
    /// Throws: ``BundleError`` naming the tensor that is missing, surplus, mis-shaped or not finite.
    package init(reading path: String, licence: String? = nil) throws(BundleError) {
        let name = (path as NSString).lastPathComponent
        if Self.isArchive(path) {
            let file: StateDictionaryFile
            do { file = try StateDictionaryFile(path: path) } catch {
                throw BundleError(.unreadable, file: name, error.description)
            }
            let origin = Self.imported(licence, digest: file.digest(), name: name)
            try self.init(file, file: name, metadata: origin, leavingOut: Self.isCounter, shape: file.shape)
            return
        }
        let file: SafetensorsFile
        do { file = try SafetensorsFile(path: path) } catch {
            throw BundleError(.unreadable, file: name, error.description)
        }
        let isTraining = file.metadata["format"] == Self.trainingFormat
        let origin =
            switch file.metadata["format"] {
            case Self.format: file.metadata.merging(licence.map { ["licence": $0] } ?? [:]) { $1 }
            case Self.trainingFormat: Self.trained(file.metadata, licence)
            default: Self.imported(licence, digest: file.digest(), name: name)
            }
        if isTraining, origin["bestEpoch"] != nil {
            let best = PrefixedWeights(file, prefix: Self.bestEpoch)
            try self.init(best, file: name, metadata: origin, leavingOut: { _ in false }) {
                file.shape(of: Self.bestEpoch + $0)
            }
            return
        }
        try self.init(
            file, file: name, metadata: origin,
            leavingOut: { Self.isCounter($0) || isTraining && Self.isMoment($0) }, shape: file.shape)
    }

    private init(
        _ source: some WeightSource, file: String, metadata: [String: String],
        leavingOut isLeftOut: (String) -> Bool, shape: (String) -> [Int]?
    ) throws(BundleError) {
        guard metadata["preprocessing"] == BaselinePreprocessing().id else {
            throw BundleError(
                .weights, file: file,
                "trained with the preprocessing '\(metadata["preprocessing"] ?? "unknown")'; "
                    + "this version has '\(BaselinePreprocessing().id)'")
        }
        let names = source.names.filter { !isLeftOut($0) }
        do throws(WeightError) {
            config = try ResNetConfig(of: names, shape: shape)
            let surplus = names.subtracting(config.tensors.map(\.name))
            guard surplus.isEmpty else { throw .unexpected(names: surplus.sorted()) }
            var tensors: [(name: String, view: WeightView)] = []
            for (name, shape) in config.tensors {
                tensors.append((name, WeightView(try source.floats(name, shape: shape), shape: shape)))
            }
            self.tensors = tensors
        } catch { throw BundleError(.weights, file: file, "\(error)") }
        self.metadata = metadata
    }

    /// Writes the weights as safetensors; equal weights and origins give equal bytes.
    ///
    /// Throws: ``SafetensorsError``.
    package func write(to path: String) throws(SafetensorsError) {
        try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    }

    /// PyTorch's files are ZIP archives; a safetensors file begins with the length of its header.
    private static func isArchive(_ path: String) -> Bool {
        guard let handle = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: 4)) == Data([0x50, 0x4B, 0x03, 0x04])
    }

    /// Batches that a normalisation has seen; nothing depends on them.
    private static func isCounter(_ name: String) -> Bool { name.hasSuffix(".num_batches_tracked") }

    private static func isMoment(_ name: String) -> Bool {
        name.hasPrefix(firstMoments) || name.hasPrefix(secondMoments)
    }

    private static func imported(_ licence: String?, digest: Digest, name: String) -> [String: String] {
        [
            "format": format, "flavour": "imported", "licence": licence ?? "unknown",
            "preprocessing": BaselinePreprocessing().id, "source_sha256": digest.hexadecimal,
            "source_file": name,
        ]
    }

    private static func trained(_ training: [String: String], _ licence: String?) -> [String: String] {
        var metadata = training.filter {
            [
                "preprocessing", "cohort", "batch", "learningRate", "seed", "positiveWeight",
                "validationShare",
                "bestEpoch",
            ].contains($0.key)
        }
        metadata["format"] = format
        metadata["flavour"] = "trained"
        metadata["licence"] = licence ?? "unknown"
        metadata["epochs"] = "\((training["losses"] ?? "").split(separator: " ").count)"
        return metadata
    }
}

extension BaselineFile: WeightSource {
    package var names: Set<String> { Set(tensors.map(\.name)) }

    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let view = tensors.first(where: { $0.name == name })?.view else {
            throw .missing(name: name, expected: shape)
        }
        guard view.shape == shape else { throw .shape(name: name, found: view.shape, expected: shape) }
        return view
    }
}

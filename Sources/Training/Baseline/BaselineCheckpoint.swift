private import Checkpoint
import Networks
import Scoring
import Tensor

/// A training in a safetensors file: the network by torchvision's names, Adam's moments, losses so far and what was
/// chosen.
struct BaselineCheckpoint {
    let path: String
    let config: ResNetConfig
    /// Choices and cohort.
    let identity: [String: String]

    private static let (first, second) = (BaselineFile.firstMoments, BaselineFile.secondMoments)
    private static let (stepsKey, lossesKey) = ("steps", "losses")

    /// Writes all of it; the file is whole or as it was.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    func write(_ training: ResNetTraining) throws(TrainingError) {
        var tensors: [(name: String, view: WeightView)] = []
        func add(_ name: String, _ values: [Float]?, _ shape: [Int]) {
            tensors.append((name, WeightView(values ?? [], shape: shape)))
        }
        for (name, shape) in config.parameters {
            add(name, training.network.parameters[name], shape)
            add(Self.first + name, training.optimiser.firstMoments[name], shape)
            add(Self.second + name, training.optimiser.secondMoments[name], shape)
        }
        for (name, shape) in config.buffers { add(name, training.network.buffers[name], shape) }
        var metadata = identity
        metadata[Self.stepsKey] = "\(training.optimiser.steps)"
        metadata[Self.lossesKey] = training.losses.map { "\($0)" }.joined(separator: " ")
        do throws(SafetensorsError) {
            try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        } catch { throw .file(path: path, reason: "\(error)") }
    }

    /// The training that the file holds.
    ///
    /// Throws: ``TrainingError/checkpoint(path:reason:)`` when it is no checkpoint, or one of other choices or another cohort.
    func read(learningRate: Double) throws(TrainingError) -> ResNetTraining {
        let file: SafetensorsFile
        do throws(SafetensorsError) { file = try SafetensorsFile(path: path) } catch {
            throw .checkpoint(path: path, reason: "\(error)")
        }
        for (key, value) in identity.sorted(by: { $0.key < $1.key }) where file.metadata[key] != value {
            throw .checkpoint(
                path: path,
                reason: "a training with \(key) \(file.metadata[key] ?? "unknown"), not \(value); "
                    + "move the file to begin anew")
        }
        let losses = (file.metadata[Self.lossesKey] ?? "").split(separator: " ").map { Double($0) }
        guard let steps = file.metadata[Self.stepsKey].flatMap(Int.init), steps > 0, !losses.isEmpty,
            losses.allSatisfy({ $0?.isFinite == true })
        else { throw .checkpoint(path: path, reason: "no number of updates, or no loss of each epoch") }
        do throws(WeightError) {
            let network = try ResNet<Float>(config, from: file)
            let adam = Adam(
                learningRate: learningRate, steps: steps, firstMoments: try moments(Self.first, file),
                secondMoments: try moments(Self.second, file))
            return ResNetTraining(network: network, optimiser: adam, losses: losses.compactMap { $0 })
        } catch { throw .checkpoint(path: path, reason: "\(error)") }
    }

    private func moments(
        _ prefix: String, _ file: some WeightSource
    ) throws(WeightError) -> [String: [Float]] {
        var moments: [String: [Float]] = [:]
        for (name, shape) in config.parameters {
            moments[name] = try file.floats(prefix + name, shape: shape)
        }
        return moments
    }
}

private import Checkpoint
import Networks
import Scoring
import Tensor

/// A training in a safetensors file: the network by torchvision's names, Adam's moments, losses so far and what was
/// chosen; with a validation part also the best network so far.
struct BaselineCheckpoint {
    let path: String
    let config: ResNetConfig
    /// Choices and cohort.
    let identity: [String: String]

    private static let (first, second) = (BaselineFile.firstMoments, BaselineFile.secondMoments)
    private static let best = BaselineFile.bestEpoch
    private static let (stepsKey, lossesKey, validationKey) = ("steps", "losses", "validationLosses")

    /// Writes all of it; the file is whole or as it was.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    func write(_ training: ResNetTraining) throws(TrainingError) {
        var tensors: [(name: String, view: WeightView)] = []
        func add(_ name: String, _ values: [Float]?, _ shape: [Int]) {
            tensors.append((name, WeightView(values ?? [], shape: shape)))
        }
        func add(_ network: ResNet<Float>, prefix: String) {
            for (name, shape) in config.parameters { add(prefix + name, network.parameters[name], shape) }
            for (name, shape) in config.buffers { add(prefix + name, network.buffers[name], shape) }
        }
        add(training.network, prefix: "")
        for (name, shape) in config.parameters {
            add(Self.first + name, training.optimiser.firstMoments[name], shape)
            add(Self.second + name, training.optimiser.secondMoments[name], shape)
        }
        var metadata = identity
        metadata[Self.stepsKey] = "\(training.optimiser.steps)"
        metadata[Self.lossesKey] = Self.text(training.losses)
        if let validation = training.validation {
            add(validation.best, prefix: Self.best)
            metadata[Self.validationKey] = Self.text(validation.losses)
            metadata["bestEpoch"] = "\(validation.bestEpoch)"
        }
        do throws(SafetensorsError) {
            try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        } catch { throw .file(path: path, reason: "\(error)") }
    }

    /// The training that the file holds.
    ///
    /// Throws: ``TrainingError/checkpoint(path:reason:)`` when it is no checkpoint, or one of other choices or another cohort.
    func read(learningRate: Double, isValidated: Bool) throws(TrainingError) -> ResNetTraining {
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
        let losses = Self.numbers(file.metadata[Self.lossesKey])
        guard let steps = file.metadata[Self.stepsKey].flatMap(Int.init), steps > 0, !losses.isEmpty
        else { throw .checkpoint(path: path, reason: "no number of updates, or no loss of each epoch") }
        let validated = Self.numbers(file.metadata[Self.validationKey])
        guard validated.count == (isValidated ? losses.count : 0) else {
            throw .checkpoint(path: path, reason: "no loss of the validation part for each epoch")
        }
        do throws(WeightError) {
            let network = try ResNet<Float>(config, from: file)
            let adam = Adam(
                learningRate: learningRate, steps: steps, firstMoments: try moments(Self.first, file),
                secondMoments: try moments(Self.second, file))
            var validation: ResNetTraining.Validation?
            if isValidated {
                let best = try ResNet<Float>(config, from: PrefixedWeights(file, prefix: Self.best))
                validation = .init(losses: validated, best: best)
            }
            return ResNetTraining(
                network: network, optimiser: adam, losses: losses, validation: validation)
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

    private static func text(_ losses: [Double]) -> String {
        losses.map { "\($0)" }.joined(separator: " ")
    }

    /// Empty unless all are finite.
    private static func numbers(_ text: String?) -> [Double] {
        let numbers = (text ?? "").split(separator: " ").map { Double($0) ?? .nan }
        return numbers.allSatisfy(\.isFinite) ? numbers : []
    }
}

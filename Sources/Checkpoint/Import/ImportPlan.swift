import Tensor

/// A tensor that an architecture needs: canonical name and shape, outermost dimension first.
struct ExpectedTensor: Equatable {
    let name: String
    let shape: [Int]

    init(_ name: String, _ shape: [Int]) {
        self.name = name
        self.shape = shape
    }
}

/// What a recipe has made of a checkpoint's names, before any weight is read.
struct ImportPlan {
    let encoder: EncoderKind
    let flavour: CheckpointFlavour
    let configuration: EncoderConfiguration
    /// Everything that the architecture needs, in its order.
    let expected: [ExpectedTensor]
    let renaming: Renaming
}

/// The checkpoint's own names of tensors, by canonical name.
struct Renaming {
    private(set) var sources: [String: String] = [:]
    /// Names of tensors that the encoder does not use, in the file's order.
    private(set) var leftOut: [String] = []

    /// Throws: ``WeightError/unexpected(names:)`` when two tensors claim one canonical name.
    mutating func keep(_ source: String, as canonical: String) throws(ImportError) {
        if let other = sources.updateValue(source, forKey: canonical) {
            throw .weights(.unexpected(names: [other, source].sorted()))
        }
    }

    mutating func leaveOut(_ source: String) { leftOut.append(source) }
}

extension ImportPlan {
    /// Matches needed and present tensors.
    ///
    /// Throws: ``ImportError/weights(_:)`` naming the first that is missing or has another shape, or all that
    /// the architecture has no place for.
    func tensors(in state: StateDictionary) throws(ImportError) -> [(name: String, source: TorchTensor)] {
        var rest = renaming.sources
        var matched: [(name: String, source: TorchTensor)] = []
        for tensor in expected {
            guard let source = rest.removeValue(forKey: tensor.name), let found = state[source] else {
                throw .weights(.missing(name: tensor.name, expected: tensor.shape))
            }
            guard found.shape == tensor.shape else {
                throw .weights(.shape(name: tensor.name, found: found.shape, expected: tensor.shape))
            }
            matched.append((tensor.name, found))
        }
        guard rest.isEmpty else { throw .weights(.unexpected(names: rest.values.sorted())) }
        return matched
    }
}

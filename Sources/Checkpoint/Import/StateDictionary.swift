/// The tensors of a checkpoint's `model`, by name; none has been read yet.
struct StateDictionary {
    /// In the file's order.
    let names: [String]
    private let tensors: [String: TorchTensor]

    /// Throws: ``ImportError/structure(place:found:expected:)`` when there is no such dictionary.
    init(of checkpoint: PyTorchCheckpoint) throws(ImportError) {
        let document = checkpoint.document
        guard let root = document.dictionary(document.root) else {
            throw .structure(place: "the checkpoint", found: document.root.kind, expected: "a dict")
        }
        guard let model = document.dictionary(root["model"]) else {
            throw .structure(place: "model", found: root["model"]?.kind ?? "absent", expected: "a dict")
        }
        try self.init(model, at: "model")
    }

    /// The tensors of a file that `torch.save(network.state_dict(), path)` wrote, or one that has them under
    /// `state_dict` or `model`.
    ///
    /// Throws: ``ImportError/structure(place:found:expected:)`` when there is no such dictionary.
    init(bareOr checkpoint: PyTorchCheckpoint) throws(ImportError) {
        let document = checkpoint.document
        guard let root = document.dictionary(document.root) else {
            throw .structure(place: "the checkpoint", found: document.root.kind, expected: "a dict")
        }
        let place = ["state_dict", "model"].first { document.dictionary(root[$0]) != nil }
        try self.init(
            place.flatMap { document.dictionary(root[$0]) } ?? root, at: place ?? "the checkpoint")
    }

    private init(_ dictionary: PickleDictionary, at place: String) throws(ImportError) {
        var names: [String] = []
        var tensors: [String: TorchTensor] = [:]
        for (key, value) in dictionary.entries {
            guard case .string(let name) = key, case .tensor(let tensor) = value else {
                throw .structure(
                    place: "\(place)[\(key.text)]", found: value.kind, expected: "a named tensor")
            }
            names.append(name)
            tensors[name] = tensor
        }
        self.names = names
        self.tensors = tensors
    }

    subscript(name: String) -> TorchTensor? { tensors[name] }

    /// Which encoder the names belong to; nil when they belong to neither.
    var encoder: EncoderKind? {
        if names.contains(where: { $0.contains("feature_extractor.conv_layers.") }) { return .ecgFM }
        if names.contains(where: { $0.hasSuffix("pos_embedding") || $0.contains("lead_embeddings.") }) {
            return .stMEM
        }
        return nil
    }

    /// Throws: ``ImportError`` naming the encoder that the file really holds, if that is known.
    func require(_ expected: EncoderKind) throws(ImportError) {
        guard let found = encoder else {
            let first = names.first.map { "\(names.count) tensors such as \($0.prefix(80))" } ?? "empty"
            throw .structure(place: "model", found: first, expected: "the weights of \(expected.rawValue)")
        }
        guard found == expected else { throw .wrongEncoder(found: found, expected: expected) }
    }
}

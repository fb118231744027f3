package import Bytes
package import Tensor

/// An encoder's weights out of its authors' checkpoint: canonical names, checked against the architecture,
/// every value finite.
package struct ImportedWeights: WeightSource {
    package let encoder: EncoderKind
    package let flavour: CheckpointFlavour
    package let configuration: EncoderConfiguration
    /// SHA-256 of the checkpoint file.
    package let sourceDigest: Digest
    /// The checkpoint's name without its folder.
    package let sourceFile: String
    /// Tensors of the file's `model` that the encoder does not use: decoder, quantizer, head.
    package let leftOut: [String]
    /// In the architecture's order.
    package let tensors: [(name: String, view: WeightView)]
    private let positions: [String: Int]

    /// What `__metadata__` names this kind of file.
    package static let format = "firstlead-encoder/1"

    /// Reads the tensors that a plan needs.
    ///
    /// Throws: ``ImportError`` for a missing, extra, mis-shaped, unreadable or not finite tensor.
    init(
        _ plan: ImportPlan, of state: StateDictionary, in checkpoint: PyTorchCheckpoint, path: String
    ) throws(ImportError) {
        var tensors: [(name: String, view: WeightView)] = []
        for (name, source) in try plan.tensors(in: state) {
            let view: WeightView
            do { view = try checkpoint.values(of: source, named: name) } catch { throw .checkpoint(error) }
            if let index = view.firstNotFinite { throw .weights(.notFinite(name: name, index: index)) }
            tensors.append((name, view))
        }
        self.tensors = tensors
        positions = Dictionary(
            uniqueKeysWithValues: tensors.enumerated().map { ($0.element.name, $0.offset) })
        encoder = plan.encoder
        flavour = plan.flavour
        configuration = plan.configuration
        leftOut = plan.renaming.leftOut
        sourceDigest = checkpoint.digest()
        sourceFile = path.split(separator: "/").last.map(String.init) ?? path
    }

    package var names: Set<String> { Set(positions.keys) }

    package func tensor(_ name: String, shape: [Int]) throws(WeightError) -> WeightView {
        guard let position = positions[name] else { throw .missing(name: name, expected: shape) }
        let view = tensors[position].view
        guard view.shape == shape else { throw .shape(name: name, found: view.shape, expected: shape) }
        return view
    }

    /// What the safetensors file says about itself.
    package var metadata: [String: String] {
        [
            "format": Self.format,
            "encoder": encoder.rawValue,
            "flavour": flavour.rawValue,
            "config": configuration.json,
            "licence": encoder.licence,
            "attribution": encoder.attribution,
            "source_sha256": sourceDigest.hexadecimal,
            "source_file": sourceFile,
        ]
    }

    /// Writes the weights as safetensors; equal checkpoints give equal bytes.
    ///
    /// Throws: ``ImportError/writing(_:)``.
    package func write(to path: String) throws(ImportError) {
        do {
            try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        } catch { throw .writing(error) }
    }
}

/// How a checkpoint of ECG-FM becomes canonical weights: the names of the pre-training file, weight norm spelled
/// `weight_g` and `weight_v`.
///
/// Names: Jwoo5/fairseq-signals@6b9e137 fairseq_signals/models/wav2vec2/wav2vec2.py,
/// models/classification/ecg_transformer_classifier.py.
enum ECGFMRecipe {
    private static let prefix = "encoder."
    private static let pretrainingNames = ["wav2vec2_cmsc", "wav2vec2"]
    private static let finetunedNames = ["ecg_transformer_classifier"]
    /// Parts that only pre-training uses.
    private static let unused = ["mask_emb", "quantizer.", "project_q.", "final_proj."]
    /// Spellings of the position encoding's weight since fairseq-signals@4fd498b.
    private static let respelled = [
        "conv_pos.pos_conv.0.parametrizations.weight.original0": "conv_pos.pos_conv.0.weight_g",
        "conv_pos.pos_conv.0.parametrizations.weight.original1": "conv_pos.pos_conv.0.weight_v",
    ]

    /// Throws: ``ImportError`` when the file's configuration is absent, not implemented, or at odds with the
    /// names.
    static func plan(
        _ checkpoint: PyTorchCheckpoint, _ state: StateDictionary
    ) throws(ImportError) -> ImportPlan {
        let settings = Settings(of: checkpoint.document, at: "cfg", "model")
        guard !settings.isAbsent else {
            throw .structure(place: "cfg.model", found: "absent", expected: "the model's configuration")
        }
        let flavour = try flavour(of: state, settings)
        let architecture = try ECGFMArchitecture(settings)
        return ImportPlan(
            encoder: .ecgFM, flavour: flavour, configuration: architecture.configuration,
            expected: architecture.tensors, renaming: try renaming(of: state, flavour))
    }

    /// `encoder.layer_norm` is one tensor in the pre-training file and another in the fine-tuned one, so the
    /// flavour never follows from single names: only the fine-tuned file has `encoder.encoder.*`.
    private static func flavour(
        of state: StateDictionary, _ settings: Settings
    ) throws(ImportError) -> CheckpointFlavour {
        let isPrefixed = state.names.contains { $0.hasPrefix(prefix + prefix) }
        let admitted = isPrefixed ? finetunedNames : pretrainingNames
        if let name = try settings.optionalText("_name"), !admitted.contains(name) {
            throw settings.refused("_name", admitted.joined(separator: " or ") + ", as the tensors are named")
        }
        return isPrefixed ? .finetuned : .pretraining
    }

    private static func renaming(
        of state: StateDictionary, _ flavour: CheckpointFlavour
    ) throws(ImportError) -> Renaming {
        var renaming = Renaming()
        for source in state.names {
            var name = source
            if flavour == .finetuned {
                if source.hasPrefix("proj.") {
                    renaming.leaveOut(source)
                    continue
                }
                // A name without the prefix stays as it is, under a canonical name that nothing expects.
                name = source.hasPrefix(prefix) ? String(source.dropFirst(prefix.count)) : "/" + source
            }
            if unused.contains(where: { name == $0 || $0.last == "." && name.hasPrefix($0) }) {
                renaming.leaveOut(source)
            } else {
                try renaming.keep(source, as: respelled[name] ?? name)
            }
        }
        return renaming
    }
}

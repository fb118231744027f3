import Tensor

/// How a checkpoint of ST-MEM becomes canonical weights: the names of `encoder.pth`.
///
/// Names and shapes: bakqui/ST-MEM@69ec702 models/encoder/st_mem_vit.py, models/st_mem.py.
enum STMEMRecipe {
    private static let prefix = "encoder."
    /// The pre-training decoder, which `models/st_mem.py` builds around the encoder.
    private static let decoder = [
        "mask_embedding", "decoder_pos_embed", "to_decoder_embedding.", "decoder_blocks.", "decoder_norm.",
        "decoder_head.",
    ]

    /// Throws: ``ImportError`` when the weights contradict one another or the file's configuration.
    static func plan(
        _ checkpoint: PyTorchCheckpoint, _ state: StateDictionary
    ) throws(ImportError) -> ImportPlan {
        let isWhole = state.names.contains { $0.hasPrefix(prefix) }
        var renaming = Renaming()
        var flavour = isWhole ? CheckpointFlavour.pretraining : .encoder
        for name in state.names {
            if isWhole, name.hasPrefix(prefix) {
                try renaming.keep(name, as: String(name.dropFirst(prefix.count)))
            } else if isWhole, name.hasPrefix("to_patch_embedding.") {
                try checkAlias(name, checkpoint, state)
                renaming.leaveOut(name)
            } else if isWhole, decoder.contains(where: { name == $0 || $0.last == "." && name.hasPrefix($0) })
            {
                renaming.leaveOut(name)
            } else if !isWhole, name.hasPrefix("head.") {
                flavour = .finetuned
                renaming.leaveOut(name)
            } else {
                try renaming.keep(name, as: name)
            }
        }
        let architecture = try STMEMArchitecture(
            renaming, state, settings: Settings(of: checkpoint.document, at: "config", "model"),
            modelName: Settings(of: checkpoint.document, at: "config").optionalText("model_name"))
        return ImportPlan(
            encoder: .stMEM, flavour: flavour, configuration: architecture.configuration,
            expected: architecture.tensors, renaming: renaming)
    }

    /// The whole file stores the patch embedding a second time under its old name; it must be the same.
    private static func checkAlias(
        _ name: String, _ checkpoint: PyTorchCheckpoint, _ state: StateDictionary
    ) throws(ImportError) {
        let other = prefix + name
        guard let alias = state[name], let original = state[other] else {
            throw .weights(.unexpected(names: [name]))
        }
        guard alias != original else { return }
        let isSame: Bool
        do throws(TorchError) {
            let one = try checkpoint.values(of: alias, named: name)
            let two = try checkpoint.values(of: original, named: other)
            isSame = one.shape == two.shape && one.hasSameBits(as: two)
        } catch { throw .checkpoint(error) }
        guard isSame else { throw .aliasDiffers(name: name, other: other) }
    }
}

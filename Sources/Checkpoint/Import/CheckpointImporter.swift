/// Reads the checkpoints that the authors of the two encoders publish.
package enum CheckpointImporter {
    /// Imports ST-MEM: `encoder.pth`, the whole pre-training file, or a fine-tuned one.
    ///
    /// File layouts: bakqui/ST-MEM@69ec702 util/misc.py:288-302, main_pretrain.py:168-174.
    /// Throws: ``ImportError``.
    package static func importSTMEM(from path: String) throws(ImportError) -> ImportedWeights {
        try run(.stMEM, path) { (checkpoint, state) throws(ImportError) in
            try STMEMRecipe.plan(checkpoint, state)
        }
    }

    /// Imports ECG-FM: the fairseq-signals pre-training file or a fine-tuned one, either spelling of the
    /// weight norm.
    ///
    /// File layout: Jwoo5/fairseq-signals@6b9e137 fairseq_signals/trainer.py:240-287.
    /// Throws: ``ImportError``.
    package static func importECGFM(from path: String) throws(ImportError) -> ImportedWeights {
        try run(.ecgFM, path) { (checkpoint, state) throws(ImportError) in
            try ECGFMRecipe.plan(checkpoint, state)
        }
    }

    /// Imports either encoder.
    ///
    /// Throws: ``ImportError``.
    package static func importCheckpoint(
        _ encoder: EncoderKind, from path: String
    ) throws(ImportError) -> ImportedWeights {
        switch encoder {
        case .stMEM: try importSTMEM(from: path)
        case .ecgFM: try importECGFM(from: path)
        }
    }

    private static func run(
        _ encoder: EncoderKind, _ path: String,
        plan: (PyTorchCheckpoint, StateDictionary) throws(ImportError) -> ImportPlan
    ) throws(ImportError) -> ImportedWeights {
        let checkpoint: PyTorchCheckpoint
        do { checkpoint = try PyTorchCheckpoint(path: path) } catch { throw .checkpoint(error) }
        let state = try StateDictionary(of: checkpoint)
        try state.require(encoder)
        return try ImportedWeights(plan(checkpoint, state), of: state, in: checkpoint, path: path)
    }
}

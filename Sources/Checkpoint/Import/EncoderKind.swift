/// A published encoder whose checkpoints can be imported.
package enum EncoderKind: String, Sendable, CaseIterable {
    case stMEM = "st-mem"
    case ecgFM = "ecg-fm"

    /// SPDX identifier of the licence under which the authors publish the weights.
    package var licence: String {
        switch self {
        case .stMEM: "CC-BY-NC-4.0"
        case .ecgFM: "MIT"
        }
    }

    /// Whom to credit.
    package var attribution: String {
        switch self {
        case .stMEM:
            "ST-MEM: Y. Na, M. Park, Y. Tae, S. Joo, Guiding Masked Representation Learning to Capture "
                + "Spatio-Temporal Relationship of Electrocardiogram, ICLR 2024; "
                + "https://github.com/bakqui/ST-MEM"
        case .ecgFM:
            "ECG-FM: K. McKeen et al., ECG-FM: An Open Electrocardiogram Foundation Model, "
                + "arXiv:2408.05178; https://github.com/bowang-lab/ECG-FM"
        }
    }
}

/// Which of the authors' files the weights come from.
package enum CheckpointFlavour: String, Sendable {
    /// The encoder alone (`encoder.pth` of ST-MEM).
    case encoder
    /// Everything that pre-training needs: decoder, quantizer, optimizer state.
    case pretraining
    /// Encoder and a classification head.
    case finetuned
}

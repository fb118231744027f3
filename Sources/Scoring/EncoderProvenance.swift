package import Bytes

/// Where an encoder's numbers come from.
package struct EncoderProvenance: Sendable, Equatable {
    package let id: String
    /// SHA-256 of the safetensors file.
    package let weights: Digest
    package let licence: String
    /// "encoder", "pretraining", "finetuned", or "seeded" for weights that were never trained.
    package let flavour: String
    /// SHA-256 of the file the weights were imported from, if any.
    package let source: String?
    package let preprocessingID: String
    /// Arithmetic of the network: "fp32" or "int16".
    package let precision: String
    package let width: Int

    package init(
        id: String, weights: Digest, licence: String, flavour: String, source: String? = nil,
        preprocessingID: String, precision: String, width: Int
    ) {
        self.id = id
        self.weights = weights
        self.licence = licence
        self.flavour = flavour
        self.source = source
        self.preprocessingID = preprocessingID
        self.precision = precision
        self.width = width
    }
}

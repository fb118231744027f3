package import Bytes
import Checkpoint
package import Encoders
import Foundation
package import Preprocessing
package import Tensor

/// Builds an encoder from a safetensors file that `firstlead import` wrote.
package enum EncoderLoader {
    /// Loads weights, architecture and recipe.
    ///
    /// - Parameters:
    ///   - path: The safetensors file; it is memory-mapped.
    ///   - expected: The encoder that the file must hold, if only one will do.
    ///   - preprocessingID: The recipe's name; the encoder's default recipe when nil.
    ///   - precision: Arithmetic of the network.
    ///   - digest: The file's SHA-256 where the caller has just computed it; hashing weights takes its time.
    ///   - kernels: What the check of the kernels found; without a sound variant there is no encoder.
    ///
    /// Throws: ``BundleError`` naming the tensor or setting that does not fit.
    package static func load(
        path: String, as expected: EncoderID? = nil, preprocessingID: String? = nil,
        precision: Precision = .fp32, digest: Digest? = nil, kernels: KernelChoice = Kernels.choice
    ) throws(BundleError) -> LoadedEncoder {
        let name = (path as NSString).lastPathComponent
        do { try kernels.requireSound() } catch { throw BundleError(.kernels, file: name, error.reason) }
        let file: SafetensorsFile
        do { file = try SafetensorsFile(path: path) } catch {
            throw BundleError(.unreadable, file: name, error.description)
        }
        return try load(
            file, name: name, as: expected, preprocessingID: preprocessingID, precision: precision,
            digest: digest)
    }

    private static func load(
        _ file: SafetensorsFile, name: String, as expected: EncoderID?, preprocessingID: String?,
        precision: Precision, digest: Digest?
    ) throws(BundleError) -> LoadedEncoder {
        guard let id = file.metadata["encoder"].flatMap(EncoderID.init(rawValue:)) else {
            throw BundleError(
                .weights, file: name, "the metadata names no encoder; make the file with 'firstlead import'")
        }
        guard expected == nil || expected == id else {
            throw BundleError(.weights, file: name, "these are weights of '\(id.rawValue)'")
        }
        let recipe = try RecipeCatalogue.recipe(for: id, named: preprocessingID, file: name)
        let network = try network(id, file, name: name, precision: precision)
        let provenance = EncoderProvenance(
            id: id.rawValue, weights: digest ?? file.digest(), licence: file.metadata["licence"] ?? "unknown",
            flavour: file.metadata["flavour"] ?? "unknown", source: file.metadata["source_sha256"],
            preprocessingID: recipe.id, precision: network.precision.rawValue,
            width: network.width)
        return LoadedEncoder(network: network, recipe: recipe, provenance: provenance)
    }

    private static func network(
        _ id: EncoderID, _ file: SafetensorsFile, name: String, precision: Precision
    ) throws(BundleError) -> any Encoder {
        let config = Data((file.metadata["config"] ?? "").utf8)
        do {
            switch id {
            case .stMEM:
                return try STMEMEncoder(
                    config: JSONDecoder().decode(STMEMConfig.self, from: config), weights: file,
                    precision: precision)
            case .ecgFM:
                return try ECGFMEncoder(
                    config: JSONDecoder().decode(ECGFMConfig.self, from: config), weights: file,
                    precision: precision)
            }
        } catch let error as WeightError {
            throw BundleError(.weights, file: name, "\(error)")
        } catch {
            throw BundleError(.weights, file: name, "the metadata's config cannot be read: \(error)")
        }
    }
}

/// The preprocessing recipes by the names that answers carry.
package enum RecipeCatalogue {
    /// Every recipe of an encoder, the default first.
    package static func recipes(for id: EncoderID) -> [any PreprocessingRecipe] {
        switch id {
        case .stMEM: STMEMPreprocessing.Crops.allCases.map { STMEMPreprocessing(crops: $0) }
        case .ecgFM: [ECGFMPreprocessing()]
        }
    }

    /// The name of the recipe that averages this many windows of ST-MEM; ECG-FM has only one recipe.
    package static func name(for id: EncoderID, crops: Int) -> String {
        guard id == .stMEM, let crops = STMEMPreprocessing.Crops(rawValue: crops) else {
            return recipes(for: id)[0].id
        }
        return STMEMPreprocessing(crops: crops).id
    }

    /// The recipe of that name, or the default one.
    ///
    /// Throws: ``BundleError`` for a name that this version does not implement: another recipe would give
    /// another embedding.
    static func recipe(
        for id: EncoderID, named name: String?, file: String
    ) throws(BundleError) -> any PreprocessingRecipe {
        let known = recipes(for: id)
        guard let name else { return known[0] }
        guard let recipe = known.first(where: { $0.id == name }) else {
            let names = known.map(\.id).joined(separator: ", ")
            throw BundleError(.manifest, file: file, "preprocessing '\(name)' is unknown; known: \(names)")
        }
        return recipe
    }
}

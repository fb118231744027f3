package import Bytes
import Checkpoint
package import ECG
import Foundation
package import Scoring
import Tensor

/// Embeddings on disk, found again by what they were computed from; an interrupted run resumes from it.
///
/// One safetensors file an embedding: `<folder>/<encoder>-<key>/<first two digits>/<content digest>.safetensors`, where
/// the key covers weights and recipe. The metadata says in full what it is and has the SHA-256 of the values; a file
/// that does not match is computed again.
package struct EmbeddingCache: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    private static let tensor = "embedding"

    /// The embedding of an ECG by an encoder, if an earlier run left a sound one.
    package func embedding(of content: Digest, by encoder: EncoderProvenance) -> Embedding? {
        guard let file = try? SafetensorsFile(path: path(content, encoder)),
            file.names == [Self.tensor],
            let values = try? file.floats(Self.tensor, shape: [encoder.width])
        else { return nil }
        let embedding = Embedding(values)
        return file.metadata == Self.metadata(embedding, content, encoder) ? embedding : nil
    }

    /// Keeps an embedding. The file appears under its name only when it is whole; it is not forced to the disk, since
    /// one that a power cut damages is computed again.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    package func store(
        _ embedding: Embedding, of content: Digest, by encoder: EncoderProvenance
    ) throws(TrainingError) {
        let path = path(content, encoder)
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try SafetensorsWriter.write(
                [(Self.tensor, WeightView(embedding.values, shape: [embedding.width]))],
                metadata: Self.metadata(embedding, content, encoder), to: path, isFlushed: false)
        } catch let error as SafetensorsError {
            throw .file(path: path, reason: error.description)
        } catch { throw .file(path: path, reason: error.localizedDescription) }
    }

    private static func metadata(
        _ embedding: Embedding, _ content: Digest, _ encoder: EncoderProvenance
    ) -> [String: String] {
        [
            "format": "firstlead-embedding/1", "content": content.hexadecimal, "encoder": encoder.id,
            "weights": encoder.weights.hexadecimal, "recipe": encoder.preprocessingID,
            "precision": encoder.precision, "sha256": embedding.digest.hexadecimal,
        ]
    }

    private func path(_ content: Digest, _ encoder: EncoderProvenance) -> String {
        let key = Digest(of: Array("\(encoder.weights) \(encoder.preprocessingID) \(encoder.precision)".utf8))
        let place = "\(encoder.id)-\(key.hexadecimal.prefix(16))/\(content.hexadecimal.prefix(2))"
        return "\(folder)/\(place)/\(content).safetensors"
    }
}

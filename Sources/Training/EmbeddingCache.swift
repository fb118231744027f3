package import Bytes
package import ECG
import Foundation
package import Scoring

/// Embeddings on disk, found again by what they were computed from; an interrupted run resumes from it.
///
/// One file an embedding: `<folder>/<encoder>-<key>/<first two digits>/<content digest>`, where the key covers
/// weights and recipe. A file is the embedding's SHA-256 followed by little-endian float32 values; one that
/// does not match its own digest is computed again.
package struct EmbeddingCache: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// The embedding of an ECG by an encoder, if an earlier run left a sound one.
    package func embedding(of content: Digest, by encoder: EncoderProvenance) -> Embedding? {
        guard let bytes = FileManager.default.contents(atPath: path(content, encoder)),
            bytes.count == 64 + 4 * encoder.width
        else { return nil }
        let values = stride(from: 64, to: bytes.count, by: 4).map { offset in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) {
                    $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << (8 * $1)
                })
        }
        let embedding = Embedding(values)
        guard embedding.digest.hexadecimal == String(decoding: bytes.prefix(64), as: UTF8.self) else {
            return nil
        }
        return embedding
    }

    /// Keeps an embedding. The file appears under its name only when it is whole.
    ///
    /// Throws: ``TrainingError/file(path:reason:)``.
    package func store(
        _ embedding: Embedding, of content: Digest, by encoder: EncoderProvenance
    ) throws(TrainingError) {
        let path = path(content, encoder)
        let bytes = Data(Array(embedding.digest.hexadecimal.utf8) + embedding.values.littleEndianBytes)
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw .file(path: path, reason: error.localizedDescription) }
    }

    private func path(_ content: Digest, _ encoder: EncoderProvenance) -> String {
        let key = Digest(of: Array("\(encoder.weights) \(encoder.preprocessingID) \(encoder.precision)".utf8))
        return
            "\(folder)/\(encoder.id)-\(key.hexadecimal.prefix(16))/\(content.hexadecimal.prefix(2))/\(content)"
    }
}

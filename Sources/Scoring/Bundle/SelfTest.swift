package import Bytes
package import ECG
import ECGFormats
import Encoders
package import Tensor

/// The bundle's own ECG, scored at start-up: embeddings and scores must be those of the manifest, bit for bit.
///
/// It catches what digests cannot: a processor, a build or a library that computes something else.
package struct SelfTest {
    let folder: BundleFolder
    let entry: Manifest.SelfTestEntry

    /// Throws: ``BundleError`` `self-test` naming the file whose model does not reproduce.
    func run(_ bundle: ModelBundle, pool: WorkerPool) throws(BundleError) {
        let found = try Self.outcome(of: bundle, ecg: entry.ecg, folder: folder, pool: pool)
        for encoder in bundle.manifest.encoders {
            let expected = entry.embeddingSHA256[encoder.id]
            guard found.embeddingSHA256[encoder.id] == expected else {
                throw BundleError(
                    .selfTest, file: encoder.file,
                    "the embedding of \(entry.ecg.first ?? "the ECG") is not the expected one "
                        + "(SHA-256 \(found.embeddingSHA256[encoder.id] ?? "none"), "
                        + "expected \(expected ?? "none"))")
            }
        }
        for head in bundle.manifest.heads {
            let expected = entry.rawScores[head.id]
            guard let score = found.rawScores[head.id], score == expected else {
                throw BundleError(
                    .selfTest, file: head.file,
                    "the score is \(found.rawScores[head.id].map { "\($0)" } ?? "none"), "
                        + "expected \(expected.map { "\($0)" } ?? "none")")
            }
        }
    }

    /// What a bundle's models make of an ECG in a folder: the entry that its manifest will hold.
    ///
    /// Throws: ``BundleError``.
    package static func outcome(
        of bundle: ModelBundle, ecg files: [String], directory: String, pool: WorkerPool
    ) throws(BundleError) -> Manifest.SelfTestEntry {
        try outcome(of: bundle, ecg: files, folder: BundleFolder(path: directory), pool: pool)
    }

    static func outcome(
        of bundle: ModelBundle, ecg files: [String], folder: BundleFolder, pool: WorkerPool
    ) throws(BundleError) -> Manifest.SelfTestEntry {
        var parts: [(name: String, bytes: [UInt8])] = []
        for file in files { parts.append((file, try folder.read(file, limit: 8 << 20))) }
        let name = files.first ?? "self-test"
        do {
            var clock = StageClock()
            let submitted = try SubmittedECG(files: parts)
            let ecg = try Scorer.read(submitted, options: ReadOptions(), clock: &clock)
            let embeddings = try bundle.embed(AnalysisWindow.of(ecg.recording), pool: pool, clock: &clock)
            let scores = try bundle.scores(embeddings, clock: &clock).scores
            return Manifest.SelfTestEntry(
                ecg: files,
                embeddingSHA256: Dictionary(
                    uniqueKeysWithValues: embeddings.map { ($0.rawValue, $1.digest.hexadecimal) }),
                rawScores: Dictionary(uniqueKeysWithValues: scores.map { ($0.id, $0.rawScore) }))
        } catch let refusal as Refusal {
            throw BundleError(.selfTest, file: name, refusal.message)
        } catch let error as FormatError {
            throw BundleError(.selfTest, file: name, error.message)
        } catch { throw BundleError(.selfTest, file: name, "\(error)") }
    }
}

extension Embedding {
    /// SHA-256 of the values as little-endian float32.
    package var digest: Digest { Digest(of: values.littleEndianBytes) }
}

package import Bytes
package import ECG
import ECGFormats
import Encoders
package import Tensor

/// The bundle's own ECG, scored at start-up: embeddings and scores must be those of the manifest, bit for bit; with
/// integers the scores may differ a little.
///
/// It catches what digests cannot: a processor, a build or a library that computes something else.
package struct SelfTest {
    let folder: BundleFolder
    let entry: Manifest.SelfTestEntry

    /// What a score may differ from single precision's when the encoders compute with integers: rounding can send an
    /// ECG down another branch of a tree or two, an error in the arithmetic changes them all.
    package static let tolerance: Float = 0.05

    /// The largest difference of a score from the manifest's.
    ///
    /// Throws: ``BundleError`` `self-test` naming the file whose model does not reproduce.
    func run(_ bundle: ModelBundle, pool: WorkerPool, precision: Precision) throws(BundleError) -> Float {
        let found = try Self.outcome(of: bundle, ecg: entry.ecg, folder: folder, pool: pool)
        if precision == .fp32 { try checkEmbeddings(found, bundle) }
        var largest: Float = 0
        for head in bundle.manifest.heads {
            let difference = try difference(
                found, head.id, file: head.file, tolerance: precision == .fp32 ? 0 : Self.tolerance)
            largest = max(largest, difference)
            try checkSpread(found, head, tolerance: precision == .fp32 ? 0 : Double(Self.tolerance))
        }
        if let baseline = bundle.manifest.baseline {
            // Float32 whatever the encoders compute with.
            _ = try difference(found, LoadedBaseline.id, file: baseline.file, tolerance: 0)
        }
        return largest
    }

    private func checkEmbeddings(
        _ found: Manifest.SelfTestEntry, _ bundle: ModelBundle
    ) throws(BundleError) {
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
    }

    private func checkSpread(
        _ found: Manifest.SelfTestEntry, _ head: Manifest.HeadEntry, tolerance: Double
    ) throws(BundleError) {
        guard let member = head.ensemble?.files.first else { return }
        let expected = entry.spreads?[head.id]
        guard let spread = found.spreads?[head.id], let expected, abs(spread - expected) <= tolerance else {
            throw BundleError(
                .selfTest, file: member,
                "the members of '\(head.id)' spread by \(found.spreads?[head.id].map { "\($0)" } ?? "none"), "
                    + "expected \(expected.map { "\($0)" } ?? "none")")
        }
    }

    private func difference(
        _ found: Manifest.SelfTestEntry, _ id: String, file: String, tolerance: Float
    ) throws(BundleError) -> Float {
        let expected = entry.rawScores[id]
        guard let score = found.rawScores[id], let expected, abs(score - expected) <= tolerance else {
            throw BundleError(
                .selfTest, file: file,
                "the score is \(found.rawScores[id].map { "\($0)" } ?? "none"), "
                    + "expected \(expected.map { "\($0)" } ?? "none")")
        }
        return abs(score - expected)
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
            let recording = try AnalysisWindow.standard.part(of: ecg.recording)
            let embeddings = try bundle.embed(recording, pool: pool, clock: &clock)
            let scores =
                try bundle.scores(embeddings, clock: &clock).scores
                + bundle.baselineScore(recording, pool: pool, clock: &clock).scores
            let spreads = scores.compactMap { score in score.ensemble.map { (score.id, $0.spread) } }
            return Manifest.SelfTestEntry(
                ecg: files,
                embeddingSHA256: Dictionary(
                    uniqueKeysWithValues: embeddings.map { ($0.rawValue, $1.digest.hexadecimal) }),
                rawScores: Dictionary(uniqueKeysWithValues: scores.map { ($0.id, $0.rawScore) }),
                spreads: spreads.isEmpty ? nil : Dictionary(uniqueKeysWithValues: spreads))
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

import Bytes
import Checkpoint
import ECG
import ECGFormats
package import Encoders
import Foundation
package import Risk
package import Scoring
import Simulation
package import Tensor

/// Writes a bundle into a folder that already holds its safetensors; the manifest comes last.
package struct BundleWriter {
    package let directory: String
    package let pool: WorkerPool

    package static let scalerFile = "scaler.json"
    package static let cardFile = "MODEL_CARD.md"
    package static let baselineFile = "resnet50.safetensors"
    private static let manifestFile = "manifest.json"
    private static let selfTestRecord = "self-test"
    private static let selfTestSeed: UInt64 = 250_931

    package init(directory: String, pool: WorkerPool) {
        self.directory = directory
        self.pool = pool
    }

    /// Name of an encoder's weights in the folder.
    package static func weightsFile(_ id: EncoderID) -> String { "\(id.rawValue).safetensors" }

    /// Refuses a folder with files that no bundle has: they would be covered by no digest.
    ///
    /// Throws: ``TrainingError/strayFile(path:)``.
    package func checkFolder(
        _ plan: TrainingPlan, holdsBaseline: Bool = false
    ) throws(TrainingError) {
        let known = Set(
            plan.order.map(Self.weightsFile) + TrainingPlan.headIDs.flatMap(Self.boosterFiles)
                + [Self.scalerFile, Self.cardFile, Self.manifestFile] + Self.selfTestFiles
                + (holdsBaseline ? [Self.baselineFile] : []))
        let found = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        if let stray = found.sorted().first(where: { !$0.hasPrefix(".") && !known.contains($0) }) {
            throw .strayFile(path: path(stray))
        }
    }

    /// Writes the baseline's weights and loads them as a server would.
    ///
    /// Throws: ``TrainingError``.
    package func write(_ baseline: BaselineFile) throws(TrainingError) -> LoadedBaseline {
        let path = path(Self.baselineFile)
        do throws(SafetensorsError) { try baseline.write(to: path) } catch {
            throw .file(path: path, reason: "\(error)")
        }
        do throws(BundleError) { return try LoadedBaseline(path: path) } catch { throw .bundle(error) }
    }

    /// Writes everything, then loads the folder as a server would.
    ///
    /// Throws: ``TrainingError``.
    package func write(
        _ draft: Manifest, scalers: [EncoderID: MinMaxScaler], heads: [FittedHead],
        encoders: [LoadedEncoder], baseline: LoadedBaseline? = nil
    ) throws(TrainingError) -> ModelBundle {
        try? FileManager.default.removeItem(atPath: path(Self.manifestFile))
        try writeJSON(
            Dictionary(uniqueKeysWithValues: scalers.map { ($0.rawValue, $1) }), to: Self.scalerFile)
        // Those of an earlier run go: the manifest might not list them.
        for file in TrainingPlan.headIDs.flatMap(Self.boosterFiles) {
            try? FileManager.default.removeItem(atPath: path(file))
        }
        for head in heads { try writeBoosters(of: head) }
        try writeSelfTestECG()
        var manifest = draft
        manifest.scaler = .init(file: Self.scalerFile)
        manifest.selfTest = try expected(manifest, scalers, heads, encoders, baseline)
        try write(Array(ModelCard(manifest: manifest).text.utf8), to: Self.cardFile)
        let names =
            [Self.scalerFile, Self.cardFile] + manifest.encoders.map(\.file) + manifest.heads.map(\.file)
            + manifest.heads.flatMap { $0.ensemble?.files ?? [] }
            + (manifest.baseline.map { [$0.file] } ?? [])
        manifest.files = []
        for name in (names + Self.selfTestFiles).sorted() { manifest.files.append(try entry(name)) }
        try writeJSON(manifest, to: Self.manifestFile)
        do throws(BundleError) {
            return try ModelBundle.load(directory: directory, pool: pool)
        } catch { throw .bundle(error) }
    }

    /// Name of a head's booster in the folder.
    static func boosterFile(_ head: String) -> String { "\(head).json" }

    /// Name of a member of a head's ensemble.
    static func memberFile(_ head: String, _ member: Int) -> String { "\(head).member-\(member).json" }

    /// Every name that a head's booster or a member of its ensemble may have.
    private static func boosterFiles(_ head: String) -> [String] {
        [boosterFile(head)]
            + (0..<Manifest.EnsembleEntry.memberCounts.upperBound).map { memberFile(head, $0) }
    }

    /// A head's booster and its members.
    private func writeBoosters(of head: FittedHead) throws(TrainingError) {
        try write(head.json, to: Self.boosterFile(head.id))
        for (member, json) in (head.ensemble?.members ?? []).enumerated() {
            try write(json, to: Self.memberFile(head.id, member))
        }
    }

    private static let selfTestFiles = ["\(selfTestRecord).hea", "\(selfTestRecord).dat"]

    /// What the models make of the self-test ECG, before there is a manifest.
    private func expected(
        _ manifest: Manifest, _ scalers: [EncoderID: MinMaxScaler], _ heads: [FittedHead],
        _ encoders: [LoadedEncoder], _ baseline: LoadedBaseline?
    ) throws(TrainingError) -> Manifest.SelfTestEntry {
        do {
            let bundle = ModelBundle(
                manifest: manifest,
                provenance: BundleProvenance(
                    manifest: manifest, digest: Digest(of: []), encoders: encoders.map(\.provenance),
                    scaler: Digest(of: []), boosters: [:]),
                encoders: encoders, scalers: scalers,
                heads: try heads.map {
                    ModelBundle.Head(
                        id: $0.id, features: $0.features, booster: try Booster(json: $0.json),
                        ensemble: try $0.ensemble.map {
                            .init(
                                members: try $0.members.map { try Booster(json: $0) },
                                abstention: $0.abstention.entry)
                        })
                }, baseline: baseline)
            return try SelfTest.outcome(of: bundle, ecg: Self.selfTestFiles, directory: directory, pool: pool)
        } catch let error as BundleError {
            throw .bundle(error)
        } catch let error as BoosterError {
            throw .booster(error)
        } catch { throw .file(path: directory, reason: "\(error)") }
    }

    /// A simulated ECG: a bundle carries no patient's.
    private func writeSelfTestECG() throws(TrainingError) {
        let selfTest: WFDBWriter.Files
        do {
            let ecg = try SimulatedCohort(size: 1, positives: 1, seed: Self.selfTestSeed)[0]
            selfTest = try WFDBWriter(leads: .eight).files(
                of: ecg.recording(), name: Self.selfTestRecord, comments: ["Simulated by a dipole model"])
        } catch { throw .file(path: directory, reason: "the self-test ECG cannot be made: \(error)") }
        try write(selfTest.header, to: "\(Self.selfTestRecord).hea")
        try write(selfTest.signals, to: "\(Self.selfTestRecord).dat")
    }

    private func entry(_ name: String) throws(TrainingError) -> Manifest.FileEntry {
        do throws(FileError) {
            let file = try MappedFile(path: path(name))
            return Manifest.FileEntry(name: name, bytes: file.count, sha256: file.digest().hexadecimal)
        } catch { throw .file(path: path(name), reason: error.message) }
    }

    private func writeJSON(_ value: some Encodable, to name: String) throws(TrainingError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do { try write(Array(encoder.encode(value)) + [10], to: name) } catch {
            throw .file(path: path(name), reason: "\(error)")
        }
    }

    private func write(_ bytes: [UInt8], to name: String) throws(TrainingError) {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
        } catch { throw .file(path: path(name), reason: error.localizedDescription) }
    }

    private func path(_ name: String) -> String { (directory as NSString).appendingPathComponent(name) }
}

import Bytes
import CPlatform
import Checkpoint
import Encoders
import Foundation
import Risk
package import Tensor

extension ModelBundle {
    /// Loads a bundle and proves that it computes what it should.
    ///
    /// In order: the manifest, every file's digest, the boosters' structure, the weights' shapes, and the
    /// self-test. Nothing reaches a parser, and no booster reaches XGBoost, before its digest is right.
    ///
    /// With integers the self-test cannot ask for the manifest's bits, which are single precision's: it allows a
    /// small difference, and ``selfTestDifference`` says how much it was.
    ///
    /// Throws: ``BundleError`` naming the file that is wrong.
    package static func load(
        directory: String, pool: WorkerPool, precision: Precision = .fp32
    ) throws(BundleError) -> ModelBundle {
        let folder = BundleFolder(path: directory)
        let (manifest, digest) = try folder.manifest()
        try folder.verify(manifest.files, pool: pool)
        var bundle = try assemble(
            manifest, digest: digest, folder: folder, pool: pool, precision: precision)
        // What loading borrowed and gave back goes to the system, before the server lives on with the rest.
        firstlead_trim_memory()
        let test = SelfTest(folder: folder, entry: manifest.selfTest)
        bundle.selfTestDifference = try test.run(bundle, pool: pool, precision: precision)
        return bundle
    }

    private static func assemble(
        _ manifest: Manifest, digest: Digest, folder: BundleFolder, pool: WorkerPool, precision: Precision
    ) throws(BundleError) -> ModelBundle {
        try checkNames(manifest)
        try checkClaims(manifest)
        var encoders: [LoadedEncoder] = []
        let loading = pool.map(manifest.fusion.order.count) { index -> Result<LoadedEncoder, BundleError> in
            Result { () throws(BundleError) in
                try encoder(manifest.fusion.order[index], manifest, folder, precision)
            }
        }
        for outcome in loading { encoders.append(try outcome.get()) }
        let scalers = try scalers(manifest, encoders, folder)
        var heads: [Head] = []
        for entry in manifest.heads { heads.append(try head(entry, manifest, encoders, folder)) }
        guard let fused = heads.first, fused.features == encoders.map(\.id) else {
            throw BundleError(
                .manifest, file: BundleFolder.manifestName,
                "the first head does not read every encoder in order")
        }
        var boosters: [String: Digest] = [:]
        for entry in manifest.heads { boosters[entry.id] = try self.digest(of: entry.file, manifest) }
        let baseline = try baseline(manifest, folder)
        let provenance = BundleProvenance(
            manifest: manifest, digest: digest, encoders: encoders.map(\.provenance),
            scaler: try self.digest(of: manifest.scaler.file, manifest),
            boosters: boosters, baseline: baseline?.provenance)
        return ModelBundle(
            manifest: manifest, provenance: provenance, encoders: encoders, scalers: scalers, heads: heads,
            baseline: baseline)
    }

    private static func baseline(
        _ manifest: Manifest, _ folder: BundleFolder
    ) throws(BundleError) -> LoadedBaseline? {
        guard let entry = manifest.baseline else { return nil }
        let loaded = try LoadedBaseline(
            path: folder.url(entry.file), digest: digest(of: entry.file, manifest))
        guard entry == Manifest.BaselineEntry(file: entry.file, loaded.provenance, metrics: entry.metrics)
        else {
            throw BundleError(
                .weights, file: entry.file, "the file is not what the manifest says of the baseline")
        }
        return loaded
    }

    /// Each name means one thing, and the self-test's ECG is a file of the bundle, covered by a digest.
    private static func checkNames(_ manifest: Manifest) throws(BundleError) {
        for (member, names) in [
            ("fusion.order", manifest.fusion.order),
            ("heads", manifest.heads.map(\.id) + (manifest.baseline == nil ? [] : [LoadedBaseline.id])),
        ] where Set(names).count < names.count {
            throw BundleError(.manifest, file: BundleFolder.manifestName, "'\(member)' has a name twice")
        }
        for file in manifest.selfTest.ecg { _ = try digest(of: file, manifest) }
    }

    /// A bundle claims no more than it can: weights that were never trained make a demonstration, a demonstration
    /// is not for clinical use, and counts and times are such.
    private static func checkClaims(_ manifest: Manifest) throws(BundleError) {
        let isSeeded = manifest.encoders.contains { $0.flavour == Manifest.seededFlavour }
        let cohort = manifest.cohort
        let counts = [
            cohort.records, cohort.positives, cohort.patients, cohort.developmentRecords, cohort.testRecords,
        ]
        let claims: [(holds: Bool, text: String)] = [
            (
                !isSeeded || manifest.kind == .demonstration,
                "seeded weights, but the kind is not 'demonstration'"
            ),
            (
                manifest.kind != .demonstration || manifest.notForClinicalUse,
                "a demonstration for clinical use"
            ),
            (
                Set(manifest.encoders.map(\.id)) == Set(manifest.fusion.order),
                "encoders that 'fusion.order' does not name"
            ),
            (
                counts.allSatisfy { $0 >= 0 } && cohort.positives <= cohort.records,
                "impossible counts in 'cohort'"
            ),
            ((try? Date(manifest.created, strategy: .iso8601)) != nil, "'created' is no RFC 3339 time"),
        ]
        if let broken = claims.first(where: { !$0.holds }) {
            throw BundleError(.manifest, file: BundleFolder.manifestName, broken.text)
        }
    }

    private static func encoder(
        _ id: String, _ manifest: Manifest, _ folder: BundleFolder, _ precision: Precision
    ) throws(BundleError) -> LoadedEncoder {
        guard let entry = manifest.encoders.first(where: { $0.id == id }) else {
            throw BundleError(.manifest, file: BundleFolder.manifestName, "no encoder '\(id)' is listed")
        }
        let encoder = try EncoderLoader.load(
            path: folder.url(entry.file), preprocessingID: entry.preprocessingID,
            precision: precision, digest: digest(of: entry.file, manifest))
        let found = encoder.provenance
        // The manifest names the arithmetic that the heads were trained with; whoever loads chooses his own.
        guard found.id == entry.id, found.width == entry.width, entry.precision == Precision.fp32.rawValue,
            found.licence == entry.licence, found.flavour == entry.flavour, found.source == entry.sourceSHA256
        else {
            throw BundleError(.weights, file: entry.file, "the file is not what the manifest says of '\(id)'")
        }
        return encoder
    }

    private static func scalers(
        _ manifest: Manifest, _ encoders: [LoadedEncoder], _ folder: BundleFolder
    ) throws(BundleError) -> [EncoderID: MinMaxScaler] {
        let file = manifest.scaler.file
        _ = try digest(of: file, manifest)
        let bytes = try folder.read(file, limit: 64 << 20)
        let scalers: [String: MinMaxScaler]
        do { scalers = try JSONDecoder().decode([String: MinMaxScaler].self, from: Data(bytes)) } catch {
            throw BundleError(.scaler, file: file, "\(error)")
        }
        var byEncoder: [EncoderID: MinMaxScaler] = [:]
        for encoder in encoders {
            guard let scaler = scalers[encoder.id.rawValue], scaler.featureCount == encoder.network.width
            else {
                throw BundleError(.scaler, file: file, "no scaler of the width of '\(encoder.id.rawValue)'")
            }
            byEncoder[encoder.id] = scaler
        }
        return byEncoder
    }

    private static func head(
        _ entry: Manifest.HeadEntry, _ manifest: Manifest, _ encoders: [LoadedEncoder], _ folder: BundleFolder
    ) throws(BundleError) -> Head {
        let features = encoders.filter { entry.features.contains($0.id.rawValue) }
        guard features.map(\.id.rawValue) == entry.features else {
            throw BundleError(
                .manifest, file: BundleFolder.manifestName,
                "head '\(entry.id)' reads encoders that are not there")
        }
        let calibration = try entry.makeCalibration()
        let width = features.map(\.network.width).reduce(0, +)
        let booster = try booster(entry.file, width: width, manifest, folder)
        var ensemble: Ensemble?
        if let held = entry.ensemble {
            try held.check(head: entry.id)
            var members: [Booster] = []
            for file in held.files { members.append(try self.booster(file, width: width, manifest, folder)) }
            ensemble = Ensemble(members: members, abstention: held.abstention)
        }
        return Head(
            id: entry.id, features: features.map(\.id), booster: booster, calibration: calibration,
            ensemble: ensemble)
    }

    private static func booster(
        _ file: String, width: Int, _ manifest: Manifest, _ folder: BundleFolder
    ) throws(BundleError) -> Booster {
        _ = try digest(of: file, manifest)
        let bytes = try folder.read(file, limit: BoosterLimits.bytes)
        do throws(BoosterError) {
            let booster = try Booster(json: bytes)
            guard booster.featureCount == width else {
                throw BoosterError.width(found: booster.featureCount, expected: width)
            }
            return booster
        } catch { throw BundleError(.booster, file: file, error.message) }
    }

    /// The digest that the manifest gives a file, which ``BundleFolder/verify(_:)`` has found right.
    private static func digest(of file: String, _ manifest: Manifest) throws(BundleError) -> Digest {
        guard let entry = manifest.files.first(where: { $0.name == file }),
            let digest = Digest(hexadecimal: entry.sha256)
        else {
            throw BundleError(
                .manifest, file: BundleFolder.manifestName, "'\(file)' has no digest in 'files'")
        }
        return digest
    }
}

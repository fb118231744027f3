import Bytes
import Checkpoint
import Encoders
import Foundation
import Networks
import Scoring
import Tensor
import TestSupport
import Testing

/// The baseline's files and the bundle that holds one.
@Suite struct BaselineTests {
    /// What a GPU's owner saved with PyTorch: Tests/NetworksTests/Fixtures/generate_state.py.
    static let state = Repository.path("Tests/NetworksTests/Fixtures/resnet50-width2.pt")

    @Test func aStateDictionaryScoresAsPyTorchDoes() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("resnet50.safetensors")
        try BaselineFile(reading: Self.state).write(to: path)
        let network = try LoadedBaseline(path: path).network
        #expect(network.config == ResNetConfig(leads: 12, width: 2, blocks: [3, 4, 6, 3]))
        let expected = try NumpyArray(
            contentsOf: Repository.path("Tests/NetworksTests/Fixtures/resnet50-width2-logits.npy")
        ).values
        let values = SeededWeights.uniform("ecg", count: 2 * 12 * 2_500)
        for (record, logit) in expected.enumerated() {
            let signal = Array(values[record * 30_000..<(record + 1) * 30_000])
            // PyTorch's own float32 differs from its float64 by 2.4e-7; four times that.
            #expect(abs(Double(network.logit(signal, pool: .single)) - logit) < 1e-6)
        }
    }

    @Test func whatWasExportedIsImportedAgain() throws {
        let folder = try TemporaryFolder()
        let first = try BaselineFile(reading: Self.state, licence: "CC0-1.0")
        try first.write(to: folder.path("first"))
        try BaselineFile(reading: folder.path("first")).write(to: folder.path("second"))
        #expect(try folder.bytes("first") == folder.bytes("second"))
        let source = try Digest(of: Data(contentsOf: URL(fileURLWithPath: Self.state)).map { $0 })
        let provenance = try LoadedBaseline(path: folder.path("second")).provenance
        #expect(provenance.source == source.hexadecimal)
        #expect(provenance.licence == "CC0-1.0")
        #expect(provenance.flavour == "imported")
    }

    /// Tensors by name that a test may change before it writes them.
    private func altered(_ change: (inout [String: [Int]]) -> Void) throws -> BundleError? {
        let folder = try TemporaryFolder()
        let config = ResNetConfig(leads: 12, width: 1, blocks: [1, 1])
        var shapes = Dictionary(uniqueKeysWithValues: config.tensors.map { ($0.name, $0.shape) })
        change(&shapes)
        try SafetensorsWriter.write(
            shapes.map {
                ($0.key, WeightView([Float](repeating: 1, count: $0.value.reduce(1, *)), shape: $0.value))
            },
            metadata: [:], to: folder.path("file"))
        do throws(BundleError) {
            _ = try BaselineFile(reading: folder.path("file"))
            return nil
        } catch { return error }
    }

    @Test func weightsAreCompleteOrRefused() throws {
        #expect(try altered { _ in } == nil)
        #expect(try altered { $0["bn1.num_batches_tracked"] = [1] } == nil)
        let missing = try altered { $0["layer2.0.bn3.running_var"] = nil }
        #expect(missing?.code == .weights && missing?.detail.contains("layer2.0.bn3.running_var") == true)
        let surplus = try altered { $0["layer2.0.se.weight"] = [1] }
        #expect(surplus?.detail.contains("layer2.0.se.weight") == true)
        let twoClasses = try altered { $0["fc.weight"] = [2, 8] }
        #expect(twoClasses?.detail.contains("fc.weight") == true)
        let flatNetwork = try altered { $0["conv1.weight"] = [1, 12, 7, 7] }
        #expect(flatNetwork?.detail.contains("conv1.weight") == true)
    }

    @Test func aVarianceBelowZeroIsRefused() throws {
        let folder = try TemporaryFolder()
        let config = ResNetConfig(leads: 12, width: 1, blocks: [1, 1])
        for (variance, isRefused) in [(0.0, false), (-1e-3, true)] as [(Float, Bool)] {
            try SafetensorsWriter.write(
                config.tensors.map { name, shape in
                    let value = name == "layer1.0.bn2.running_var" ? variance : 1
                    return (
                        name, WeightView([Float](repeating: value, count: shape.reduce(1, *)), shape: shape)
                    )
                }, metadata: [:], to: folder.path("tensors"))
            try BaselineFile(reading: folder.path("tensors")).write(to: folder.path("file"))
            let loaded = try? LoadedBaseline(path: folder.path("file"))
            #expect((loaded == nil) == isRefused)
        }
    }

    @Test func aCutFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Self.state))
        for count in [0, 3, 100, whole.count / 2, whole.count - 1] {
            try folder.write(Array(whole.prefix(count)), to: "file")
            #expect(throws: BundleError.self) { try BaselineFile(reading: folder.path("file")) }
        }
    }

    @Test func aBundleProvesItsBaselineAtLoad() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        try bundle.addBaseline(score: 0)
        let error = try #require(try bundle.error())
        #expect(error.code == .selfTest && error.file == "resnet50.safetensors")
        let loaded = try ModelBundle.load(
            directory: Repository.path("Bundles/demonstration"), pool: .single
        ).withBaseline(try LoadedBaseline(path: bundle.folder + "/resnet50.safetensors"))
        let found = try SelfTest.outcome(
            of: loaded, ecg: bundle.manifest.selfTest.ecg, directory: bundle.folder, pool: .single)
        bundle.manifest.selfTest.rawScores = found.rawScores
        #expect(try bundle.error() == nil)
        // Integers in the encoders change nothing in the baseline.
        #expect(try bundle.error(precision: .int16) == nil)
        bundle.manifest.baseline?.licence = "other"
        #expect(try bundle.error()?.code == .weights)
    }

    @Test func theBaselineIsScoredBesideTheHeads() throws {
        let folder = try TemporaryFolder()
        try BaselineFile(reading: Self.state).write(to: folder.path("file"))
        let bundle = try ModelBundle.load(
            directory: Repository.path("Bundles/demonstration"), pool: .single)
        let both = bundle.withBaseline(try LoadedBaseline(path: folder.path("file")))
        let submitted = try ECGFile.submission(at: Repository.path("Demonstration/ecg/ptbxl00173.zip"))
        let without = try Scorer(bundle: bundle, pool: .single).score(submitted)
        let with = try Scorer(bundle: both, pool: .single).score(submitted)
        #expect(with.heads.dropLast() == without.heads[...])
        #expect(with.risk == without.risk)
        let score = try #require(with.heads.last)
        #expect(score.id == "resnet50" && score.features == [])
        #expect(score.probability > 0 && score.probability < 1 && score.margin.isFinite)
    }
}

extension ModelBundle {
    /// The same models with a baseline.
    func withBaseline(_ baseline: LoadedBaseline) -> ModelBundle {
        ModelBundle(
            manifest: manifest, provenance: provenance, encoders: encoders, scalers: scalers, heads: heads,
            baseline: baseline)
    }
}

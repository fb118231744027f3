import Bytes
import Encoders
import Foundation
import Scoring
import Tensor
import TestSupport
import Testing

/// A copy of the demonstration bundle that a test may spoil, with digests that still hold.
struct SpoiltBundle {
    let folder: String
    var manifest: Manifest

    init() throws {
        folder = try Repository.temporaryFolder() + "/bundle"
        try FileManager.default.copyItem(atPath: Repository.path("Bundles/demonstration"), toPath: folder)
        manifest = try JSONDecoder().decode(
            Manifest.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/manifest.json")))
    }

    /// Writes a file and gives it a right digest.
    mutating func replace(_ name: String, with bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        let place = try #require(manifest.files.firstIndex { $0.name == name })
        manifest.files[place].bytes = bytes.count
        manifest.files[place].sha256 = Digest(of: bytes).hexadecimal
    }

    /// Puts a baseline into the bundle whose self-test expects that score of it.
    mutating func addBaseline(score: Float) throws {
        let path = folder + "/resnet50.safetensors"
        try BaselineFile(reading: BaselineTests.state).write(to: path)
        let loaded = try LoadedBaseline(path: path)
        manifest.baseline = .init(file: "resnet50.safetensors", loaded.provenance)
        manifest.selfTest.rawScores[LoadedBaseline.id] = score
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).count
        manifest.files.append(
            .init(
                name: "resnet50.safetensors", bytes: bytes, sha256: loaded.provenance.weights.hexadecimal))
    }

    func error(precision: Precision = .fp32) throws -> BundleError? {
        try writeManifest()
        do throws(BundleError) {
            _ = try ModelBundle.load(directory: folder, pool: .single, precision: precision)
            return nil
        } catch { return error }
    }

    func writeManifest() throws {
        let encoder = JSONEncoder()
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: folder + "/manifest.json"))
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: (folder as NSString).deletingLastPathComponent)
    }
}

@Suite struct BundleTests {
    @Test func theCopyItselfLoads() throws {
        let bundle = try SpoiltBundle()
        defer { bundle.remove() }
        #expect(try bundle.error() == nil)
    }

    /// Nothing reads weights on a processor that computes wrongly.
    @Test func refusesKernelsThatAreNotSound() throws {
        let kernels = KernelChoice(variant: nil, reason: "gelu [1, 15]: element [0, 6] is 0")
        let path = Repository.path("Bundles/demonstration/st-mem.safetensors")
        _ = try EncoderLoader.load(path: path)
        #expect(
            throws: BundleError(.kernels, file: "st-mem.safetensors", "gelu [1, 15]: element [0, 6] is 0")
        ) { try EncoderLoader.load(path: path, kernels: kernels) }
    }

    @Test func refusesAFileThatTheManifestDoesNotList() throws {
        let bundle = try SpoiltBundle()
        defer { bundle.remove() }
        try Data([1]).write(to: URL(fileURLWithPath: bundle.folder + "/extra.bin"))
        let error = try #require(try bundle.error())
        #expect(error.code == .unlistedFile)
        #expect(error.file == "extra.bin")
    }

    @Test func refusesAFileThatLacksADigest() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.files.removeAll { $0.name == "fusion-xgb.json" }
        let error = try #require(try bundle.error())
        #expect(error.code == .unlistedFile)
        #expect(error.file == "fusion-xgb.json")
    }

    @Test func refusesNamesThatLeadElsewhere() throws {
        for name in ["../x", "/etc/hostname", "a/b", ".hidden", ""] {
            var bundle = try SpoiltBundle()
            defer { bundle.remove() }
            bundle.manifest.files.append(.init(name: name, bytes: 0, sha256: Digest(of: []).hexadecimal))
            #expect(try bundle.error()?.code == .manifest, "'\(name)'")
        }
    }

    /// The self-test reads files: only those that the digests cover.
    @Test(arguments: ["../bundle/self-test.hea", "/etc/hostname", "MODEL_CARD.txt"])
    func refusesASelfTestOutsideTheBundle(name: String) throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.selfTest.ecg[0] = name
        let error = try #require(try bundle.error())
        #expect(error.code == .manifest)
        #expect(error.detail.contains(name))
    }

    @Test func refusesNamesThatStandTwice() throws {
        var heads = try SpoiltBundle()
        defer { heads.remove() }
        heads.manifest.heads.append(heads.manifest.heads[1])
        #expect(try heads.error()?.code == .manifest)
        var order = try SpoiltBundle()
        defer { order.remove() }
        order.manifest.fusion.order.append(order.manifest.fusion.order[0])
        #expect(try order.error()?.code == .manifest)
    }

    @Test func refusesAnotherSchema() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.schemaVersion = 2
        #expect(try bundle.error()?.code == .manifest)
    }

    @Test func refusesARecipeThatItDoesNotKnow() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.encoders[0].preprocessingID = "st-mem/other/v9"
        let error = try #require(try bundle.error())
        #expect(error.code == .manifest)
        #expect(error.detail.contains("st-mem/other/v9"))
    }

    @Test func refusesABoosterOfAnotherWidth() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        try bundle.replace("fusion-xgb.json", with: Repository.bytes("Bundles/demonstration/st-mem-xgb.json"))
        let error = try #require(try bundle.error())
        #expect(error.code == .booster)
        #expect(error.file == "fusion-xgb.json")
    }

    @Test func refusesABoosterWithACycleBeforeXGBoostSeesIt() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        let text = String(
            decoding: try Repository.bytes("Bundles/demonstration/fusion-xgb.json"), as: UTF8.self)
        let spoilt = try text.replacing(
            Regex("\"left_children\":\\[1,"), with: "\"left_children\":[0,", maxReplacements: 1)
        #expect(spoilt != text)
        try bundle.replace("fusion-xgb.json", with: Array(spoilt.utf8))
        #expect(try bundle.error()?.code == .booster)
    }

    @Test func refusesWeightsThatComputeSomethingElse() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        var bytes = try Repository.bytes("Bundles/demonstration/ecg-fm.safetensors")
        // The lowest exponent bit of the last weight: still finite, no longer the same network.
        bytes[bytes.count - 2] ^= 0x80
        try bundle.replace("ecg-fm.safetensors", with: bytes)
        let error = try #require(try bundle.error())
        #expect(error.code == .selfTest)
        #expect(error.file == "ecg-fm.safetensors")
    }

    @Test func refusesAHeadWhoseScoreIsNotTheStoredOne() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.selfTest.rawScores["ecg-fm-xgb"]? += 0.001
        let error = try #require(try bundle.error())
        #expect(error.code == .selfTest)
        #expect(error.file == "ecg-fm-xgb.json")
    }

    @Test func oneAndTwoThreadsGiveTheSameScores() throws {
        let files = ["ptbxl00050", "ptbxl00173", "ptbxl00001"].map {
            Repository.path("Demonstration/ecg/\($0).zip")
        }
        let margins = try [1, 2, 3].map { threads in
            let pool = WorkerPool(threads: threads)
            let bundle = try ModelBundle.load(directory: Repository.path("Bundles/demonstration"), pool: pool)
            let scorer = Scorer(bundle: bundle, pool: pool)
            return try files.map {
                try scorer.score(ECGFile.submission(at: $0)).heads.map(\.margin.bitPattern)
            }
        }
        #expect(margins[0] == margins[1] && margins[1] == margins[2])
        #expect(Set(margins[0]).count == files.count)
    }
}

/// A bundle whose encoders compute with integers.
@Suite struct IntegerBundleTests {
    @Test func namesItsPrecisionAndWhatItCosts() throws {
        let folder = Repository.path("Bundles/demonstration")
        let bundle = try ModelBundle.load(directory: folder, pool: .single, precision: .int16)
        #expect(bundle.provenance.encoders.map(\.precision) == ["int16", "int16"])
        #expect(bundle.encoders.allSatisfy { $0.network.precision == .int16 })
        #expect(bundle.selfTestDifference >= 0 && bundle.selfTestDifference <= SelfTest.tolerance)
        let single = try ModelBundle.load(directory: folder, pool: .single)
        #expect(single.provenance.encoders.map(\.precision) == ["fp32", "fp32"])
        #expect(single.selfTestDifference == 0)
    }

    @Test func refusesAScoreThatRoundingDoesNotExplain() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.selfTest.rawScores["ecg-fm-xgb"]? += 0.2
        let error = try #require(try bundle.error(precision: .int16))
        #expect(error.code == .selfTest && error.file == "ecg-fm-xgb.json")
    }

    @Test func refusesHeadsOfAnotherArithmetic() throws {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        bundle.manifest.encoders[0].precision = "int16"
        for precision in Precision.allCases {
            #expect(try bundle.error(precision: precision)?.code == .weights)
        }
    }
}

/// What a manifest claims must hold, whatever its digests say.
@Suite struct BundleClaimTests {
    private func refusal(_ spoil: (inout Manifest) -> Void) throws -> BundleError? {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        spoil(&bundle.manifest)
        return try bundle.error()
    }

    @Test func seededWeightsAreADemonstration() throws {
        let error = try #require(try refusal { $0.kind = .site })
        #expect(error.code == .manifest)
        #expect(error.detail.contains("seeded"))
    }

    @Test func aDemonstrationIsNotForClinicalUse() throws {
        #expect(try refusal { $0.notForClinicalUse = false }?.code == .manifest)
    }

    @Test func countsAndTimesAreSuch() throws {
        #expect(try refusal { $0.cohort.records = -1 }?.code == .manifest)
        #expect(try refusal { $0.cohort.positives = $0.cohort.records + 1 }?.code == .manifest)
        #expect(try refusal { $0.created = "yesterday" }?.code == .manifest)
        #expect(try refusal { $0.encoders.append($0.encoders[0]) } == nil)
        #expect(
            try refusal {
                $0.encoders.append($0.encoders[0])
                $0.encoders[2].id = "other"
            }?.code == .manifest)
    }
}

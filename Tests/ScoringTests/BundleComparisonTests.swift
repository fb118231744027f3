import Bytes
import Foundation
import Scoring
import Tensor
import TestSupport
import Testing

@Suite struct BundleComparisonTests {
    private static let committed = Repository.path("Bundles/demonstration")

    private func compare(_ spoil: (inout SpoiltBundle) throws -> Void) throws -> BundleComparison {
        var bundle = try SpoiltBundle()
        defer { bundle.remove() }
        try spoil(&bundle)
        try bundle.writeManifest()
        return try BundleComparison(Self.committed, bundle.folder, pool: .single)
    }

    @Test func aBundleIsEqualToItself() throws {
        let comparison = try BundleComparison(Self.committed, Self.committed, pool: .single)
        #expect(comparison.isEqual && comparison.differences.isEmpty)
        #expect(comparison.lines.count == 1 && comparison.lines[0].hasPrefix("equal: 'demonstration'"))
    }

    /// Each change, and the places where it must be told; nothing else.
    @Test func namesEveryPlaceThatDiffers() throws {
        let comparison = try compare {
            $0.manifest.software.version = "9.9.9"
            $0.manifest.encoders[1].preprocessingID = "ecg-fm/other"
            $0.manifest.heads[0].hyperparameters["max_depth"] = 4
            $0.manifest.heads[0].hyperparameters["eta"] = nil
            $0.manifest.heads[2].metrics?.auroc.low = 0.25
            $0.manifest.heads[1].calibration = .init(
                method: "logistic", intercept: 0, slope: 1, records: 284, folds: 5)
            $0.manifest.fusion.order = ["ecg-fm", "st-mem"]
            $0.manifest.cohort.seed = 7
        }
        #expect(!comparison.isEqual)
        #expect(
            Set(comparison.differences.map(\.place)) == [
                "software/version", "encoders/ecg-fm/preprocessingID",
                "heads/fusion-xgb/hyperparameters/max_depth", "heads/fusion-xgb/hyperparameters/eta",
                "heads/ecg-fm-xgb/metrics/auroc/low", "heads/st-mem-xgb/calibration", "fusion/order",
                "cohort/seed",
            ])
        let depth = try #require(comparison.differences.first { $0.place.hasSuffix("max_depth") })
        #expect(depth.first == .number(6) && depth.second == .number(4))
        let rate = try #require(comparison.differences.first { $0.place.hasSuffix("eta") })
        #expect(rate.first == .number(0.1) && rate.second == nil)
        #expect(comparison.lines.contains("  heads/fusion-xgb/hyperparameters/eta: 0.1 | nothing"))
        #expect(comparison.lines.contains(#"  fusion/order: ["st-mem","ecg-fm"] | ["ecg-fm","st-mem"]"#))
    }

    @Test func namesFilesByDigestAndThoseOfOneSideOnly() throws {
        let comparison = try compare {
            try $0.replace("MODEL_CARD.md", with: Array("another".utf8))
            $0.manifest.files.append(.init(name: "more.json", bytes: 0, sha256: ""))
            try $0.replace("more.json", with: [0x7B, 0x7D])
        }
        #expect(
            comparison.differences.map(\.place) == [
                "files/MODEL_CARD.md/bytes", "files/MODEL_CARD.md/sha256", "files/more.json",
            ])
        #expect(comparison.differences[2].first == nil)
    }

    @Test func listsInAnotherOrderAreNotEqual() throws {
        let comparison = try compare { $0.manifest.encoders.reverse() }
        #expect(comparison.differences.map(\.place) == ["encoders"])
    }

    @Test func otherBytesOfTheSameManifestAreToldApart() throws {
        let comparison = try compare { _ in }
        // The copy's manifest is written on one line.
        #expect(!comparison.isEqual && comparison.differences.isEmpty)
        #expect(comparison.lines.count == 3)
    }

    @Test func comparesNothingThatIsNotSound() throws {
        let bundle = try SpoiltBundle()
        defer { bundle.remove() }
        try Data([1]).write(to: URL(fileURLWithPath: bundle.folder + "/st-mem.safetensors"))
        let error = #expect(throws: BundleError.self) {
            try BundleComparison(Self.committed, bundle.folder, pool: .single)
        }
        #expect(error?.code == .digestMismatch && error?.file == bundle.folder + "/st-mem.safetensors")
    }
}

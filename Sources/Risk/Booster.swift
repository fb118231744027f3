private import CXGBoost

/// A trained head: XGBoost's own prediction, checked against the trees that were read from the same file.
///
/// XGBoost answers, because the bundle's boosters are XGBoost models and its release is named in provenance;
/// ``BoosterModel/margin(_:)`` walks the same trees and has to agree bit for bit when a booster is loaded, so
/// a file that the two understand differently is never served.
package final class Booster: Sendable {
    /// The trees, as read from the file.
    package let model: BoosterModel
    private let owner: BoosterOwner

    package var featureCount: Int { model.featureCount }

    /// The release of libxgboost that this process runs, for provenance.
    package static var libraryVersion: String { XGBoostLibrary.version }

    /// Reads and checks a booster in XGBoost's JSON.
    ///
    /// Throws: ``BoosterError`` `notJSON`, `structure`, `tooLarge`; `selfCheck` when XGBoost computes
    /// something else from it.
    package init(json: [UInt8]) throws(BoosterError) {
        model = try BoosterModel(json: json)
        owner = try unsafe BoosterOwner(parameters: [])
        let text = model.json
        let code = unsafe text.withUnsafeBytes { bytes in
            unsafe XGBoosterLoadModelFromBuffer(owner.handle, bytes.baseAddress, bst_ulong(bytes.count))
        }
        try XGBoostLibrary.check("XGBoosterLoadModelFromBuffer", code)
        // More threads make one row slower: up to 7 ms instead of 53 us.
        try owner.set("nthread", "1")
        try selfCheck()
    }

    /// The log-odds of one scaled vector, `[features]`; NaN means missing.
    ///
    /// Throws: ``BoosterError`` `width`, or `notFinite` for an infinite value.
    package func margin(_ features: [Float]) throws(BoosterError) -> Float {
        if let feature = features.firstIndex(where: \.isInfinite) { throw .notFinite(feature: feature) }
        return try predict(features, kind: .margin)
    }

    /// The score of one scaled vector, `[features]`, of which no value may be missing.
    ///
    /// Throws: ``BoosterError`` `width` or `notFinite`.
    package func score(_ features: [Float]) throws(BoosterError) -> RiskScore {
        if let feature = features.firstIndex(where: { !$0.isFinite }) { throw .notFinite(feature: feature) }
        return RiskScore(margin: try predict(features, kind: .margin))
    }

    private enum Kind: Int { case probability, margin }

    /// Predicts in place, without a matrix object; the result lies in the calling thread's own storage until
    /// its next call, so it is copied at once.
    private func predict(_ features: [Float], kind: Kind) throws(BoosterError) -> Float {
        guard features.count == featureCount else {
            throw .width(found: features.count, expected: featureCount)
        }
        let config = """
            {"type": \(kind.rawValue), "training": false, "iteration_begin": 0, "iteration_end": 0, \
            "strict_shape": true, "missing": NaN, "cache_id": 0}
            """
        var shape: UnsafePointer<bst_ulong>?
        var dimensions: bst_ulong = 0
        var result: UnsafePointer<Float>?
        let code = unsafe features.withUnsafeBufferPointer { values in
            let address = UInt(bitPattern: values.baseAddress)
            let array = """
                {"data": [\(address), true], "shape": [1, \(values.count)], "typestr": "<f4", "version": 3}
                """
            return unsafe XGBoosterPredictFromDense(
                owner.handle, array, config, nil, &shape, &dimensions, &result)
        }
        try XGBoostLibrary.check("XGBoosterPredictFromDense", code)
        guard dimensions == 2, let shape = unsafe shape, unsafe shape[0] == 1, unsafe shape[1] == 1,
            let value = unsafe result?.pointee, value.isFinite
        else {
            throw .library(call: "XGBoosterPredictFromDense", message: "not one finite number")
        }
        return value
    }

    /// Compares XGBoost with the trees on vectors that visit many leaves, missing values among them. The first
    /// prediction also makes XGBoost configure the booster, which it does not do safely from two threads.
    private func selfCheck() throws(BoosterError) {
        var generator = SplitMix64(seed: 0x0B00_57E2)
        for trial in 0..<16 {
            let features = (0..<featureCount).map { _ in
                trial % 4 == 3 && generator.below(8) == 0 ? Float.nan : Float(generator.unit()) * 1.2 - 0.1
            }
            let margin = try predict(features, kind: .margin)
            let expected = model.margin(features)
            let probability = try predict(features, kind: .probability)
            guard margin.bitPattern == expected.bitPattern,
                probability.bitPattern == Logistic.probability(margin: margin).bitPattern
            else {
                throw .selfCheck(libraryMargin: margin, treesMargin: expected)
            }
        }
    }
}

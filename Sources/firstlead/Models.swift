import ArgumentParser
import Foundation
import Scoring
import Tensor

extension ThreadOptions {
    /// The pool that the encoders run on; says on standard error if the kernels are not what was to be expected.
    func makePool() -> WorkerPool {
        if let reason = Kernels.fallbackReason { report(reason) }
        return WorkerPool(threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    }
}

extension ModelOptions {
    /// The bundle's folder.
    var directory: String {
        bundle ?? ProcessInfo.processInfo.environment["FIRSTLEAD_BUNDLE"] ?? "Bundles/demonstration"
    }

    /// Loads and self-tests the bundle.
    ///
    /// Throws: ``BundleError``.
    func makeScorer() throws(BundleError) -> Scorer {
        let pool = threading.makePool()
        return Scorer(bundle: try load(pool), pool: pool)
    }

    /// Loads and self-tests the bundle; says on standard error what integers cost it.
    ///
    /// Throws: ``BundleError``.
    func load(_ pool: WorkerPool) throws(BundleError) -> ModelBundle {
        let bundle = try ModelBundle.load(
            directory: directory, pool: pool, precision: arithmetic.precision)
        if arithmetic.precision != .fp32 { report(bundle.differenceFromSinglePrecision) }
        return bundle
    }
}

extension ModelBundle {
    /// What the self-test found.
    var differenceFromSinglePrecision: String {
        "\(provenance.encoders.first?.precision ?? ""): the self-test's scores differ from fp32's by at most "
            + "\(selfTestDifference)"
    }
}

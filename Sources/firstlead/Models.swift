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
        return Scorer(bundle: try ModelBundle.load(directory: directory, pool: pool), pool: pool)
    }
}

/// A request id for an answer made on the command line.
func commandLineRequestID() -> String { UUID().uuidString.lowercased() }

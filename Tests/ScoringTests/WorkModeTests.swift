import ECG
import Foundation
import Scoring
import Synchronization
import Tensor
import TestSupport
import Testing

@Suite struct WorkModeTests {
    /// The same ECG alone on all threads, and four times side by side.
    @Test func bothModesGiveEqualBits() throws {
        let pool = WorkerPool(threads: 2)
        let bundle = try ModelBundle.load(directory: Repository.path("Bundles/demonstration"), pool: pool)
        let scorer = Scorer(bundle: bundle, pool: pool)
        let ecg = try ECGFile.submission(at: Repository.path("Demonstration/ecg/ptbxl00173.zip"))
        #expect(scorer.working(.latency).pool.threads == 2)
        #expect(scorer.working(.throughput).pool.threads == 1)
        let expected = try scorer.working(.latency).embed(ecg).embeddings.map(\.embedding)
        let found = Mutex([[Embedding]]())
        let callers = WorkerPool(threads: 4)
        callers.parallel(4) { _ in
            let embedded = try? scorer.working(.throughput).embed(ecg)
            let embeddings = embedded?.embeddings.map(\.embedding) ?? []
            found.withLock { $0.append(embeddings) }
        }
        #expect(found.withLock { $0 } == [[Embedding]](repeating: expected, count: 4))
        let risk = try scorer.working(.latency).score(ecg).risk
        #expect(try scorer.working(.throughput).score(ecg).risk == risk)
    }
}

import Bytes
import Networks
import Risk
import Scoring
import Tensor

extension HeadFitting {
    /// The baseline's performance on the test part, measured as the heads' is; nil unless it was trained on the development
    /// part and nothing else, which the digest of what it has learnt from shows.
    ///
    /// Throws: ``TrainingError``, also with every test record that is too short for it.
    func metrics(
        of baseline: LoadedBaseline, pool: WorkerPool
    ) throws(TrainingError) -> Manifest.MetricsEntry? {
        guard baseline.provenance.cohort == embedded.digest(of: split.development).hexadecimal else {
            return nil
        }
        let tested = try BaselineSignals(reading: embedded.cohort, records: split.test)
        let scores = tested.segments.map {
            Double(RiskScore(margin: baseline.network.logit($0, pool: pool)).rawScore)
        }
        do throws(MetricError) { return try metrics(of: scores) } catch {
            throw .tooSmall(reason: "\(LoadedBaseline.id): \(error)")
        }
    }
}

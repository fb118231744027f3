import Scoring

extension HeadFitting {
    /// Performance on the test part, with intervals by bootstrap over patients.
    ///
    /// `scores`: raw scores of the test records, in the split's order.
    ///
    /// Throws: ``MetricError``.
    func metrics(of scores: [Double]) throws(MetricError) -> Manifest.MetricsEntry {
        let records = split.test.map { embedded.cohort.records[$0] }
        let labelled = try ScoredLabels(scores: scores, isPositive: records.map(\.isPositive))
        let patients = embedded.cohort.patients(of: split.test)
        let bootstrap = Bootstrap(resamples: plan.resamples, seed: plan.seed)
        let auroc = try bootstrap.interval(of: labelled, patients: patients) {
            (resample) throws(MetricError) in resample.areaUnderROC
        }
        let auprc = try bootstrap.interval(of: labelled, patients: patients) {
            (resample) throws(MetricError) in resample.averagePrecision
        }
        return Manifest.MetricsEntry(
            auroc: .init(auroc), auprc: .init(auprc), brier: try labelled.brierScore(),
            records: labelled.count,
            positives: labelled.positiveCount, patients: Set(patients).count,
            method: "95 % percentile bootstrap over patients, \(plan.resamples) resamples")
    }
}

extension Cohort {
    /// Whether patients are known at all.
    package var namesPatients: Bool { records.contains { $0.patient != nil } }

    /// How many patients there are; a record without one is a patient of its own.
    package var patientCount: Int { Set(patients(of: Array(records.indices))).count }

    /// A name for each record's patient; a record without one is a patient of its own.
    package func patients(of rows: [Int]) -> [String] {
        rows.map { row in records[row].patient.map { "p:\($0)" } ?? "r:\(row)" }
    }
}

package import Bytes
package import Encoders
package import Training

/// What the heads said of the test parts of every reshuffle.
package struct Experiment: Sendable {
    package let plan: ExperimentPlan
    package let cohort: Cohort
    /// Covers content, label and patient of every record.
    package let digest: Digest
    /// One for each grouping of the plan.
    package let series: [Series]
    /// How the baseline was trained; nil where it has no row.
    package let baseline: BaselineTraining?

    /// The baseline's choices and its losses.
    package struct BaselineTraining: Sendable {
        package let plan: BaselinePlan
        /// Of each epoch, for each reshuffle of each grouping in turn.
        package let losses: [[Double]]
    }

    /// The reshuffles of one grouping.
    package struct Series: Sendable {
        package let grouping: ExperimentPlan.Grouping
        package let splits: [Split]
        /// The paper's rows - each encoder alone, then their fusion - and then the others.
        package let methods: [Method]
        /// Rows that must come out in a known way; empty unless asked for.
        package let checks: [Method]
    }

    /// One method's scores.
    package struct Method: Sendable {
        /// "st-mem-xgb", as in a bundle.
        package let id: String
        /// Name for a table: "ST-MEM", "ECG-FM" or "Fusion".
        package let name: String
        /// The test part of each reshuffle, in the split's order.
        package let tested: [ScoredLabels]
        /// Spread of an ensemble's members, `[reshuffles][records]`; nil for a single model.
        package let spreads: [[Double]]?

        package var areasUnderROC: [Double] { tested.map(\.areaUnderROC) }
        package var averagePrecisions: [Double] { tested.map(\.averagePrecision) }
    }
}

extension Experiment.Series {
    /// Patients with records on both sides, summed over the reshuffles: 0 when split by patient.
    package func sharedPatients(_ cohort: Cohort) -> Int {
        let patients = cohort.patients(of: Array(cohort.records.indices))
        return splits.reduce(0) { $0 + $1.patientsOnBothSides(patients) }
    }

    /// Rows that the paper does not have.
    var furtherMethods: [Experiment.Method] { methods.filter { PublishedResult.medic($0.name) == nil } }
}

extension EncoderID {
    /// As its authors write it.
    package var title: String {
        switch self {
        case .stMEM: "ST-MEM"
        case .ecgFM: "ECG-FM"
        }
    }
}

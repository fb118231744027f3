import Encoders
package import Training

/// How the paper's experiment is repeated on a cohort.
package struct ExperimentPlan: Sendable {
    /// What stays together when a cohort is split.
    package enum Grouping: String, Sendable, CaseIterable {
        /// The paper's: records are drawn, whoever they are of.
        case record
        /// All records of a patient are on one side: nothing of a tested patient was learnt from.
        case patient
    }

    /// Hyperparameters, order, scaling, test share and seed.
    package var training: TrainingPlan
    /// Stratified splits. Paper: 10.
    package var reshuffles = 10
    /// Each is reported on its own.
    package var groupings: [Grouping]

    package init(training: TrainingPlan, groupings: [Grouping] = [.record]) {
        self.training = training
        self.groupings = groupings
    }
    /// Rows beyond the paper's.
    package var families = Set(MethodCatalogue.Family.allCases)
}

package import Networks
import Scoring

/// The choices of a baseline's training; the defaults are the paper's.
package struct BaselinePlan: Sendable, Equatable {
    package var config = ResNetConfig.resNet50
    package var epochs = 100
    package var batch = 64
    package var learningRate = 0.001
    /// Of the initial weights and of every epoch's order.
    package var seed: UInt64 = 0
    /// How many times a positive counts; once in the paper.
    package var positiveWeight = PositiveWeight.times(1)
    /// Share of the records, by patient and stratified by label, that the best epoch is chosen on; 0 as in the paper: all
    /// are learnt from, and the last epoch counts.
    package var validationShare = 0.0

    package init() {}

    /// What a checkpoint must agree with to be gone on from: everything but the number of epochs.
    func identity(cohort: String, recipe: String) -> [String: String] {
        [
            "format": BaselineFile.trainingFormat, "leads": "\(config.leads)", "width": "\(config.width)",
            "blocks": config.blocks.map(String.init).joined(separator: ","), "batch": "\(batch)",
            "learningRate": "\(learningRate)", "seed": "\(seed)", "positiveWeight": "\(positiveWeight)",
            "validationShare": "\(validationShare)", "cohort": cohort, "preprocessing": recipe,
        ]
    }
}

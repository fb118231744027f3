package import Encoders
package import Risk

/// What heads that did not learn from a record say of it, for every record of a development part.
package struct OutOfFoldScores: Sendable {
    /// Folds of the development part.
    package static let folds = 5

    /// `[records]`, fold after fold.
    package private(set) var scores: [RiskScore] = []
    package private(set) var isPositive: [Bool] = []
    /// Spread of an ensemble that did not learn from the record either, `[records]`; nil where none was fitted.
    package private(set) var spreads: [Double]?

    package init(scores: [RiskScore], isPositive: [Bool], spreads: [Double]? = nil) {
        self.scores = scores
        self.isPositive = isPositive
        self.spreads = spreads
    }

    /// Log-odds, `[records]`.
    package var margins: [Float] { scores.map(\.margin) }
}

extension HeadFitting {
    /// Scores of the development part from heads that did not learn from them, scalers included; with `members` each
    /// fold has an ensemble of its own as well.
    ///
    /// `progress` hears of every booster that is fitted. Throws: ``TrainingError``.
    package func outOfFold(
        _ head: (id: String, features: [EncoderID]), members: Int = 0, progress: () -> Void = {}
    ) throws(TrainingError) -> OutOfFoldScores {
        let isPositive = embedded.cohort.records.map(\.isPositive)
        var scores: [RiskScore] = []
        var labels: [Bool] = []
        var spreads: [Double] = []
        for fold in try folds(isPositive) {
            let inner = HeadFitting(embedded: embedded, split: fold, plan: plan, threads: threads)
            let scalers = try inner.scalers()
            scores += try inner.boost(head, scalers: scalers).tested
            labels += fold.test.map { isPositive[$0] }
            progress()
            guard members > 0 else { continue }
            let ensemble = try inner.ensemble(head, scalers: scalers, count: members) { _, _ in progress() }
            spreads += ensemble.spreads
        }
        return OutOfFoldScores(scores: scores, isPositive: labels, spreads: members > 0 ? spreads : nil)
    }

    private func folds(_ isPositive: [Bool]) throws(TrainingError) -> [Split] {
        do throws(SplitError) {
            return try CrossValidation.splits(
                of: split.development, isPositive: isPositive,
                patients: embedded.cohort.patients(of: Array(isPositive.indices)),
                count: OutOfFoldScores.folds, seed: plan.seed)
        } catch {
            throw .tooSmall(
                reason: "too few for scores out of \(OutOfFoldScores.folds) folds: \(error.message); "
                    + "--calibration none --members 0 leaves them out")
        }
    }
}

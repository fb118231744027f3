package import Encoders
import Risk
package import Scoring

/// A head's calibration and operating points: fitted and chosen on out-of-fold scores of the development part, measured
/// on the test part, which neither the booster nor the thresholds have seen.
package struct HeadCalibration: Sendable, Equatable {
    package let calibration: Manifest.CalibrationEntry
    package let points: [Manifest.OperatingPointEntry]

    /// Folds of the development part.
    package static let folds = 5

    /// From out-of-fold margins of the development part and the final head's margins of the test part.
    ///
    /// Throws: ``MetricError`` when the margins separate the labels or rank them the wrong way round.
    package init(
        development: (margins: [Float], isPositive: [Bool]), test: (margins: [Float], isPositive: [Bool])
    ) throws(MetricError) {
        let margins = try ScoredLabels(
            scores: development.margins.map(Double.init), isPositive: development.isPositive)
        let fit = try LogisticRecalibration(fittingTo: margins)
        guard let calibration = Calibration(intercept: fit.intercept, slope: fit.slope) else {
            throw .notConverged(what: "a calibration with a slope of \(fit.slope)")
        }
        self.calibration = .init(
            method: Manifest.CalibrationEntry.logistic, intercept: fit.intercept, slope: fit.slope,
            records: margins.count, folds: Self.folds)
        points = try Self.points(
            chosenOn: Self.probabilities(development, calibration),
            measuredOn: Self.probabilities(test, calibration))
    }

    private static func probabilities(
        _ part: (margins: [Float], isPositive: [Bool]), _ calibration: Calibration
    ) throws(MetricError) -> ScoredLabels {
        try ScoredLabels(
            scores: part.margins.map { Double(calibration.probability(margin: $0)) },
            isPositive: part.isPositive)
    }

    /// A point that would call nobody positive is left out.
    private static func points(
        chosenOn development: ScoredLabels, measuredOn test: ScoredLabels
    ) throws(MetricError) -> [Manifest.OperatingPointEntry] {
        var points: [Manifest.OperatingPointEntry] = []
        for (name, chosen) in [
            ("spec95", development.threshold(specificity: 0.95)),
            ("sens95", development.threshold(sensitivity: 0.95)), ("youden", development.youdenThreshold),
        ] where chosen.value.isFinite {
            points.append(try .init(name: name, measured: test.threshold(at: chosen.value)))
        }
        return points
    }
}

extension Manifest.OperatingPointEntry {
    /// Counts and Wilson's intervals of a threshold.
    fileprivate init(name: String, measured: Threshold) throws(MetricError) {
        let trueNegatives = measured.negatives - measured.falsePositives
        let called = measured.truePositives + measured.falsePositives
        let cleared = measured.positives + measured.negatives - called
        self.init(
            name: name, threshold: measured.value,
            sensitivity: try .init(measured.truePositives, of: measured.positives),
            specificity: try .init(trueNegatives, of: measured.negatives),
            positivePredictiveValue: try called > 0
                ? Manifest.IntervalEntry(measured.truePositives, of: called) : nil,
            negativePredictiveValue: try cleared > 0
                ? Manifest.IntervalEntry(trueNegatives, of: cleared) : nil,
            records: measured.positives + measured.negatives, positives: measured.positives)
    }
}

extension Manifest.IntervalEntry {
    fileprivate init(_ count: Int, of total: Int) throws(MetricError) {
        let interval = try Proportion(count, of: total).wilson()
        self.init(value: interval.estimate, low: interval.lower, high: interval.upper)
    }
}

extension HeadFitting {
    /// Margins of the development part from heads that did not learn from them, scalers included.
    ///
    /// Throws: ``TrainingError``.
    package func outOfFold(
        _ head: (id: String, features: [EncoderID])
    ) throws(TrainingError) -> (margins: [Float], isPositive: [Bool]) {
        let isPositive = embedded.cohort.records.map(\.isPositive)
        var margins: [Float] = []
        var labels: [Bool] = []
        for fold in try folds(isPositive) {
            let inner = HeadFitting(embedded: embedded, split: fold, plan: plan, threads: threads)
            margins += try inner.boost(head, scalers: inner.scalers()).tested.map(\.margin)
            labels += fold.test.map { isPositive[$0] }
        }
        return (margins, labels)
    }

    private func folds(_ isPositive: [Bool]) throws(TrainingError) -> [Split] {
        do throws(SplitError) {
            return try CrossValidation.splits(
                of: split.development, isPositive: isPositive,
                patients: embedded.cohort.patients(of: Array(isPositive.indices)),
                count: HeadCalibration.folds, seed: plan.seed)
        } catch {
            throw .tooSmall(
                reason: "too few for calibration by \(HeadCalibration.folds) folds: \(error.message); "
                    + "--calibration none leaves it out")
        }
    }
}

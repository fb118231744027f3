import Risk
package import Scoring

/// A head's calibration and operating points: fitted and chosen on out-of-fold scores of the development part, measured
/// on the test part, which neither the booster nor the thresholds have seen.
package struct HeadCalibration: Sendable, Equatable {
    package let calibration: Manifest.CalibrationEntry
    package let points: [Manifest.OperatingPointEntry]

    /// From out-of-fold margins of the development part and the final head's margins of the test part.
    ///
    /// With a prevalence of the site, probabilities, thresholds and predictive values are re-based to it. Throws:
    /// ``MetricError`` when the margins separate the labels or rank them the wrong way round.
    package init(
        development: (margins: [Float], isPositive: [Bool]), test: (margins: [Float], isPositive: [Bool]),
        sitePrevalence: Double? = nil, folds: Int = OutOfFoldScores.folds
    ) throws(MetricError) {
        let margins = try ScoredLabels(
            scores: development.margins.map(Double.init), isPositive: development.isPositive)
        let fit = try LogisticRecalibration(fittingTo: margins)
        let entry = Manifest.CalibrationEntry(
            method: Manifest.CalibrationEntry.logistic, intercept: fit.intercept, slope: fit.slope,
            records: margins.count, folds: folds,
            prevalence: Double(margins.positiveCount) / Double(margins.count), sitePrevalence: sitePrevalence)
        guard entry.shift != nil else {
            throw .parameter(name: "sitePrevalence", value: sitePrevalence ?? .nan)
        }
        guard let calibration = entry.rebased else {
            throw .notConverged(what: "a calibration with a slope of \(fit.slope)")
        }
        self.calibration = entry
        points = try Self.points(
            chosenOn: Self.probabilities(development, calibration),
            measuredOn: Self.probabilities(test, calibration), sitePrevalence: sitePrevalence)
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
        chosenOn development: ScoredLabels, measuredOn test: ScoredLabels, sitePrevalence: Double?
    ) throws(MetricError) -> [Manifest.OperatingPointEntry] {
        var points: [Manifest.OperatingPointEntry] = []
        for (name, chosen) in [
            ("spec95", development.threshold(specificity: 0.95)),
            ("sens95", development.threshold(sensitivity: 0.95)), ("youden", development.youdenThreshold),
        ] where chosen.value.isFinite {
            points.append(
                try .init(
                    name: name, measured: test.threshold(at: chosen.value), sitePrevalence: sitePrevalence))
        }
        return points
    }
}

extension Manifest.OperatingPointEntry {
    /// Counts and Wilson's intervals of a threshold; of predictive values at a stated prevalence the intervals of that.
    fileprivate init(name: String, measured: Threshold, sitePrevalence: Double?) throws(MetricError) {
        let trueNegatives = measured.negatives - measured.falsePositives
        let called = measured.truePositives + measured.falsePositives
        let cleared = measured.positives + measured.negatives - called
        self.init(
            name: name, threshold: measured.value,
            sensitivity: try .init(measured.truePositives, of: measured.positives),
            specificity: try .init(trueNegatives, of: measured.negatives),
            positivePredictiveValue: try Self.predictive(
                measured.truePositives, of: called, prevalence: sitePrevalence
            ) { (share) throws(MetricError) in try measured.positivePredictiveInterval(prevalence: share) },
            negativePredictiveValue: try Self.predictive(
                trueNegatives, of: cleared, prevalence: sitePrevalence
            ) { (share) throws(MetricError) in try measured.negativePredictiveInterval(prevalence: share) },
            records: measured.positives + measured.negatives, positives: measured.positives)
    }
}

extension Manifest.OperatingPointEntry {
    /// As re-based where a prevalence is stated, else as counted; nil when there is nobody to count.
    private static func predictive(
        _ count: Int, of total: Int, prevalence: Double?,
        rebased: (Double) throws(MetricError) -> Interval?
    ) throws(MetricError) -> Manifest.IntervalEntry? {
        guard total > 0 else { return nil }
        guard let prevalence else { return try .init(count, of: total) }
        return try rebased(prevalence).map { .init($0) }
    }
}

extension Manifest.IntervalEntry {
    /// A share with Wilson's interval.
    init(_ count: Int, of total: Int) throws(MetricError) {
        self.init(try Proportion(count, of: total).wilson())
    }

    /// An estimate with its bounds.
    init(_ interval: Interval) {
        self.init(value: interval.estimate, low: interval.lower, high: interval.upper)
    }
}

package import Training

/// What one method's pooled scores are worth, with intervals.
package struct MethodFindings: Sendable {
    package let method: Experiment.Method
    package let pooled: PooledScores
    /// By DeLong, as if every ECG were a patient of its own.
    package let areaByDeLong: Interval
    /// By bootstrap over patients.
    package let areaUnderROC: Interval
    package let averagePrecision: Interval
    package let brierScore: Double
    /// Logistic recalibration; nil when the scores separate the labels.
    package let recalibration: LogisticRecalibration?
    /// Intercept at slope 1.
    package let interceptInTheLarge: Double
    package let reliability: [ReliabilityBin]
    package let calibrationError: Double
    package let points: [OperatingFindings]
    /// By the spread of an ensemble's members, at Youden's point; nil for a single model.
    package let riskCoverage: RiskCoverage?

    /// Throws: ``MetricError``.
    package init(
        of method: Experiment.Method, in series: Experiment.Series, of experiment: Experiment
    ) throws(MetricError) {
        self.method = method
        pooled = try PooledScores(of: method, splits: series.splits, cohort: experiment.cohort)
        let scores = pooled.scores
        let patients = experiment.cohort.patients(of: pooled.records)
        let bootstrap = Bootstrap(
            resamples: experiment.plan.training.resamples, seed: experiment.plan.training.seed)
        areaByDeLong = try DeLong(scores).interval()
        areaUnderROC = try bootstrap.interval(of: scores, patients: patients) {
            (resample) throws(MetricError) in resample.areaUnderROC
        }
        averagePrecision = try bootstrap.interval(of: scores, patients: patients) {
            (resample) throws(MetricError) in resample.averagePrecision
        }
        brierScore = try scores.brierScore()
        let margins = try pooled.margins
        recalibration = try? LogisticRecalibration(fittingTo: margins)
        interceptInTheLarge = LogisticRecalibration.interceptInTheLarge(margins)
        reliability = try scores.reliability()
        calibrationError = try scores.expectedCalibrationError()
        points = try OperatingFindings.usual(of: scores)
        if let spreads = pooled.spreads {
            riskCoverage = try RiskCoverage(
                of: scores, spreads: spreads, threshold: scores.youdenThreshold.value)
        } else {
            riskCoverage = nil
        }
    }
}

/// A threshold with what it does, and how sure that is.
package struct OperatingFindings: Sendable, Equatable {
    /// "spec95": the most sensitive threshold with a specificity of 95 %; "sens95" likewise; "youden".
    package let name: String
    package let threshold: Threshold
    /// By Wilson.
    package let sensitivity: Interval
    package let specificity: Interval

    /// Throws: ``MetricError``.
    package init(name: String, threshold: Threshold) throws(MetricError) {
        self.name = name
        self.threshold = threshold
        sensitivity = try Proportion(threshold.truePositives, of: threshold.positives).wilson()
        specificity = try Proportion(
            threshold.negatives - threshold.falsePositives, of: threshold.negatives
        ).wilson()
    }

    /// Specificity .90 and .95, sensitivity .90 and .95, and the largest sum of both.
    static func usual(of scores: ScoredLabels) throws(MetricError) -> [OperatingFindings] {
        try [
            .init(name: "spec90", threshold: scores.threshold(specificity: 0.90)),
            .init(name: "spec95", threshold: scores.threshold(specificity: 0.95)),
            .init(name: "sens90", threshold: scores.threshold(sensitivity: 0.90)),
            .init(name: "sens95", threshold: scores.threshold(sensitivity: 0.95)),
            .init(name: "youden", threshold: scores.youdenThreshold),
        ]
    }
}

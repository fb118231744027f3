import Bytes
import Training

extension SeriesFindings {
    /// Pooled figures and comparisons as JSON; predictive values at the cohort's prevalence and at `prevalence`.
    func document(prevalence: Double?) -> JSONDocument {
        [
            "pooled": .array(methods.map { $0.document(prevalence: prevalence) }),
            "comparisons": .array(comparisons.map(\.document)),
            "furtherRows": .array(extraComparisons.map(\.document)),
            "verdict": verdict?.document ?? .null, "sanity": .array(sanity.map(\.document)),
            "subgroups": .array(subgroups.map(\.document)),
        ]
    }
}

extension MethodFindings {
    fileprivate func document(prevalence: Double?) -> JSONDocument {
        [
            "id": .text(method.id), "records": .integer(pooled.scores.count),
            "positives": .integer(pooled.scores.positiveCount),
            "auroc": areaUnderROC.document, "aucpr": averagePrecision.document,
            "aurocDeLong": areaByDeLong.document, "brier": .number(brierScore),
            "calibration": [
                "intercept": .number(recalibration?.intercept ?? .nan),
                "slope": .number(recalibration?.slope ?? .nan),
                "interceptInTheLarge": .number(interceptInTheLarge),
                "expectedCalibrationError": .number(calibrationError),
                "bins": .array(reliability.map(\.document)),
            ],
            "operatingPoints": .array(points.map { $0.document(prevalence: prevalence) }),
            "riskCoverage": riskCoverage?.document ?? .null,
        ]
    }
}

extension OperatingFindings {
    fileprivate func document(prevalence: Double?) -> JSONDocument {
        let cohort = Double(threshold.positives) / Double(threshold.positives + threshold.negatives)
        return [
            "name": .text(name), "threshold": .number(threshold.value),
            "sensitivity": sensitivity.document, "specificity": specificity.document,
            "truePositives": .integer(threshold.truePositives),
            "falsePositives": .integer(threshold.falsePositives),
            "predictiveValues": .array(
                ([cohort] + (prevalence.map { [$0] } ?? [])).map {
                    [
                        "prevalence": .number($0),
                        "ppv": .number(threshold.positivePredictiveValue(prevalence: $0)),
                        "npv": .number(threshold.negativePredictiveValue(prevalence: $0)),
                    ]
                }),
        ]
    }
}

extension Comparison {
    fileprivate var document: JSONDocument {
        [
            "method": .text(method), "against": .text(other),
            "auroc": Self.document(areaUnderROC, adjusted[0]),
            "aucpr": Self.document(averagePrecision, adjusted[1]),
            "aurocDeLong": [
                "difference": .number(deLong.difference), "low": .number(deLong.interval.lower),
                "high": .number(deLong.interval.upper), "p": .number(deLong.pValue),
                "pHolm": .number(adjusted[2]),
            ],
        ]
    }

    private static func document(_ test: ResampledTest, _ adjusted: Double) -> JSONDocument {
        [
            "difference": .number(test.difference), "low": .number(test.lower), "high": .number(test.upper),
            "t": .number(test.t), "p": .number(test.pValue), "pHolm": .number(adjusted),
        ]
    }
}

extension ReliabilityBin {
    fileprivate var document: JSONDocument {
        [
            "lower": .number(lower), "upper": .number(upper), "records": .integer(count),
            "positives": .integer(positives), "expected": .number(expected), "observed": .number(observed),
        ]
    }
}

extension Interval {
    fileprivate var document: JSONDocument {
        ["value": .number(estimate), "low": .number(lower), "high": .number(upper)]
    }
}

extension Verdict {
    fileprivate var document: JSONDocument {
        [
            "best": .text(best), "isSignificant": .bool(isSignificant), "method": .text(comparison.method),
            "against": .text(comparison.other), "sentence": .text(sentence),
        ]
    }
}

extension SanityFinding {
    fileprivate var document: JSONDocument {
        [
            "method": .text(method), "against": .text(reference), "auroc": .number(areaUnderROC),
            "difference": .number(test.difference), "low": .number(test.lower), "high": .number(test.upper),
            "p": .number(test.pValue), "holds": .bool(holds),
        ]
    }
}

extension RiskCoverage {
    /// The curve, and the spread beyond which one abstains.
    fileprivate var document: JSONDocument {
        let abstention = point(coverage: RiskCoverage.decidedShare)
        return [
            "area": .number(area), "abstainAboveSpread": .number(abstention.spread),
            "coverage": .number(abstention.coverage), "errorRate": .number(abstention.errorRate),
            "errorRateOfAll": .number(points[points.count - 1].errorRate),
            "points": .array(
                points.map { [.number($0.spread), .number($0.coverage), .number($0.errorRate)] }),
        ]
    }
}

extension Subgroup {
    fileprivate var document: JSONDocument {
        [
            "name": .text(name), "records": .integer(records), "positives": .integer(positives),
            "auroc": areaUnderROC?.document ?? .null,
            "aucpr": .optional(number: averagePrecision),
            "sensitivity": sensitivity?.document ?? .null, "specificity": specificity?.document ?? .null,
        ]
    }
}

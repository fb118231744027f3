import Foundation
import Testing
import Training

/// Tests and calibration measures against scikit-learn, statsmodels and scipy.
@Suite struct StatisticsTests {
    struct Expected: Decodable, Sendable {
        struct Paired: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let positive: [Bool]
            let first, second: [Double]
            let difference, variance, pValue, lower, upper: Double
            var testDescription: String { name }
        }
        struct Resampled: Decodable, Sendable {
            let differences: [Double]
            let development, test: Int
            let t, pValue, lower, upper: Double
        }
        struct Adjusted: Decodable, Sendable { let pValues, adjusted: [Double] }
        struct Calibration: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let margins, scores, observed, expected: [Double]
            let positive: [Bool]
            let counts: [Int]
            let intercept, slope, inTheLarge, calibrationError: Double
            var testDescription: String { name }
        }
        struct Thresholds: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let scores: [Double]
            let positive: [Bool]
            let atSpecificity, atSensitivity, curve, netBenefit: [[Double]]
            let youden: Double
            var testDescription: String { name }
        }
        struct Predictive: Decodable, Sendable { let sensitivity, specificity, prevalence, ppv, npv: Double }
        struct PredictiveInterval: Decodable, Sendable {
            /// True and false positives, positives, negatives.
            let counts: [Int]
            let prevalence: Double
            /// Value, lower and upper bound.
            let ppv, npv: [Double]
        }

        let paired: [Paired]
        let resampled: [Resampled]
        let holm: [Adjusted]
        let student, wilson: [[Double]]
        let calibration: [Calibration]
        let thresholds: [Thresholds]
        let predictive: [Predictive]
        let predictiveIntervals: [PredictiveInterval]
    }

    static func expected() throws -> Expected {
        let url = try #require(
            Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
    }

    private func isNear(_ one: Double, _ other: Double, _ tolerance: Double = 1e-10) -> Bool {
        abs(one - other) <= tolerance * max(1, abs(other))
    }

    @Test(arguments: try expected().predictiveIntervals)
    func boundsPredictiveValuesAtAnotherPrevalence(expected: Expected.PredictiveInterval) throws {
        let threshold = Threshold(
            value: 0.5, truePositives: expected.counts[0], falsePositives: expected.counts[1],
            positives: expected.counts[2], negatives: expected.counts[3])
        let intervals = [
            (try threshold.positivePredictiveInterval(prevalence: expected.prevalence), expected.ppv),
            (try threshold.negativePredictiveInterval(prevalence: expected.prevalence), expected.npv),
        ]
        for (interval, expected) in intervals {
            let interval = try #require(interval)
            for (value, reference) in zip([interval.estimate, interval.lower, interval.upper], expected) {
                #expect(isNear(value, reference))
            }
        }
    }

    @Test func hasNoPredictiveValueOfCallsThatNobodyGot() throws {
        let nobody = Threshold(value: 1, truePositives: 0, falsePositives: 0, positives: 3, negatives: 4)
        #expect(try nobody.positivePredictiveInterval(prevalence: 0.1) == nil)
        #expect(throws: MetricError.self) { try nobody.negativePredictiveInterval(prevalence: 1) }
    }

    @Test(arguments: try expected().paired)
    func comparesTwoAreas(expected: Expected.Paired) throws {
        let first = try ScoredLabels(scores: expected.first, isPositive: expected.positive)
        let second = try ScoredLabels(scores: expected.second, isPositive: expected.positive)
        let test = try PairedDeLong(first, second)
        #expect(isNear(test.difference, expected.difference))
        #expect(isNear(test.variance, expected.variance, 1e-14))
        #expect(isNear(test.pValue, expected.pValue))
        #expect(isNear(test.interval.lower, expected.lower) && isNear(test.interval.upper, expected.upper))
        let swapped = try PairedDeLong(second, first)
        #expect(swapped.z == -test.z && swapped.pValue == test.pValue)
        #expect(try PairedDeLong(first, first).pValue == 1)
    }

    @Test func correctsForOverlappingSplits() throws {
        for expected in try Self.expected().resampled {
            let test = try ResampledTest(
                differences: expected.differences, developmentCount: expected.development,
                testCount: expected.test)
            #expect(isNear(test.t, expected.t) && isNear(test.pValue, expected.pValue))
            #expect(isNear(test.lower, expected.lower) && isNear(test.upper, expected.upper))
        }
        let same = try ResampledTest(differences: [0, 0, 0], developmentCount: 8, testCount: 2)
        #expect(same.t == 0 && same.pValue == 1)
        #expect(throws: MetricError.self) {
            try ResampledTest(differences: [0.1], developmentCount: 8, testCount: 2)
        }
    }

    @Test func adjustsForSeveralTests() throws {
        for expected in try Self.expected().holm {
            let adjusted = Holm.adjusted(expected.pValues)
            #expect(zip(adjusted, expected.adjusted).allSatisfy { isNear($0, $1, 1e-15) })
            #expect(adjusted.count == expected.adjusted.count)
        }
    }

    @Test func knowsStudentsDistribution() throws {
        for row in try Self.expected().student {
            // A relative bound: the tail at t = 60 is 1e-12 and less.
            #expect(abs(StudentT.twoSided(row[0], degrees: row[1]) - row[2]) <= 1e-10 * row[2])
            #expect(isNear(StudentT.reach(level: 0.95, degrees: row[1]), row[3]))
        }
    }

    @Test func boundsProportions() throws {
        for row in try Self.expected().wilson {
            let interval = try Proportion(Int(row[0]), of: Int(row[1])).wilson(level: row[2])
            #expect(isNear(interval.lower, row[3], 1e-13) && isNear(interval.upper, row[4], 1e-13))
        }
        #expect(throws: MetricError.self) { try Proportion(3, of: 2) }
        #expect(throws: MetricError.self) { try Proportion(0, of: 0) }
    }

    @Test(arguments: try expected().calibration)
    func measuresCalibration(expected: Expected.Calibration) throws {
        let margins = try ScoredLabels(scores: expected.margins, isPositive: expected.positive)
        let fit = try LogisticRecalibration(fittingTo: margins)
        // statsmodels stops at a relative change of the deviance of 1e-14: half as many digits of its parameters.
        #expect(isNear(fit.intercept, expected.intercept, 1e-7))
        #expect(isNear(fit.slope, expected.slope, 1e-7))
        #expect(isNear(LogisticRecalibration.interceptInTheLarge(margins), expected.inTheLarge, 1e-7))
        let scores = try ScoredLabels(scores: expected.scores, isPositive: expected.positive)
        let bins = try scores.reliability()
        #expect(bins.map(\.count) == expected.counts)
        #expect(zip(bins, expected.observed).allSatisfy { isNear($0.observed, $1) })
        #expect(zip(bins, expected.expected).allSatisfy { isNear($0.expected, $1) })
        #expect(isNear(try scores.expectedCalibrationError(), expected.calibrationError))
    }

    @Test func recalibratedScoresAreCalibrated() throws {
        for expected in try Self.expected().calibration {
            let margins = try ScoredLabels(scores: expected.margins, isPositive: expected.positive)
            let fit = try LogisticRecalibration(fittingTo: margins)
            let again = try ScoredLabels(
                scores: expected.margins.map { fit.intercept + fit.slope * $0 }, isPositive: expected.positive
            )
            let refitted = try LogisticRecalibration(fittingTo: again)
            #expect(abs(refitted.intercept) < 1e-9 && abs(refitted.slope - 1) < 1e-9)
        }
        let separated = try ScoredLabels(scores: [-2, -1, 1, 2], isPositive: [false, false, true, true])
        #expect(throws: MetricError.notConverged(what: "logistic recalibration")) {
            try LogisticRecalibration(fittingTo: separated)
        }
    }

    @Test(arguments: try expected().thresholds)
    func findsThresholds(expected: Expected.Thresholds) throws {
        let records = try ScoredLabels(scores: expected.scores, isPositive: expected.positive)
        for row in expected.atSpecificity {
            let threshold = records.threshold(specificity: row[0])
            #expect(isNear(threshold.sensitivity, row[1], 1e-14) && threshold.specificity >= row[0])
            #expect(records.threshold(at: threshold.value) == threshold)
        }
        for row in expected.atSensitivity {
            let threshold = records.threshold(sensitivity: row[0])
            #expect(isNear(threshold.specificity, row[1], 1e-14) && threshold.sensitivity >= row[0])
        }
        #expect(isNear(records.youdenThreshold.youden, expected.youden, 1e-14))
        let curve = records.thresholds
        #expect(curve.count == expected.curve.count)
        for (threshold, point) in zip(curve, expected.curve) {
            #expect(isNear(1 - threshold.specificity, point[0], 1e-14))
            #expect(isNear(threshold.sensitivity, point[1], 1e-14))
        }
        for row in expected.netBenefit {
            #expect(isNear(records.threshold(at: row[0]).netBenefit, row[1], 1e-14))
        }
    }

    @Test func rebasesPredictiveValues() throws {
        for expected in try Self.expected().predictive {
            let threshold = Threshold(
                value: 0.5, truePositives: Int((expected.sensitivity * 100).rounded()),
                falsePositives: 100 - Int((expected.specificity * 100).rounded()), positives: 100,
                negatives: 100)
            let positive = threshold.positivePredictiveValue(prevalence: expected.prevalence)
            let negative = threshold.negativePredictiveValue(prevalence: expected.prevalence)
            #expect(isNear(positive, expected.ppv, 1e-9) && isNear(negative, expected.npv, 1e-9))
        }
    }
}

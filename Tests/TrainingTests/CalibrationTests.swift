import Foundation
import Risk
import Scoring
import Testing
import Training

@Suite struct CalibrationTests {
    private struct Part {
        var margins: [Float] = []
        var isPositive: [Bool] = []
    }

    /// Margins whose true probability is the logistic function of `0.4 + 0.5 * margin`.
    private func part(_ count: Int, seed: UInt64) -> Part {
        var generator = SplitMix64(seed: seed)
        var part = Part()
        for _ in 0..<count {
            let margin = Float(generator.unit() * 8 - 5)
            part.margins.append(margin)
            part.isPositive.append(generator.unit() < 1 / (1 + exp(-(0.4 + 0.5 * Double(margin)))))
        }
        return part
    }

    @Test func findsWhatTheMarginsMean() throws {
        let development = part(20_000, seed: 1)
        let test = part(500, seed: 2)
        let head = try HeadCalibration(
            development: (development.margins, development.isPositive), test: (test.margins, test.isPositive))
        #expect(abs(head.calibration.intercept - 0.4) < 0.05)
        #expect(abs(head.calibration.slope - 0.5) < 0.03)
        #expect(head.calibration.records == 20_000 && head.calibration.method == "logistic")
    }

    /// Counted again by hand on the test part, with the threshold that the entry states.
    @Test func measuresEachPointOnTheTestPart() throws {
        let development = part(800, seed: 3)
        let test = part(300, seed: 4)
        let head = try HeadCalibration(
            development: (development.margins, development.isPositive), test: (test.margins, test.isPositive))
        let calibration = try #require(
            Calibration(intercept: head.calibration.intercept, slope: head.calibration.slope))
        #expect(head.points.map(\.name) == ["spec95", "sens95", "youden"])
        for point in head.points {
            let called = test.margins.map { Double(calibration.probability(margin: $0)) >= point.threshold }
            let found = zip(called, test.isPositive).count { $0 && $1 }
            let cleared = zip(called, test.isPositive).count { !$0 && !$1 }
            let positives = test.isPositive.count { $0 }
            #expect(point.sensitivity.value == Double(found) / Double(positives))
            #expect(point.specificity.value == Double(cleared) / Double(300 - positives))
            #expect(point.positivePredictiveValue?.value == Double(found) / Double(called.count { $0 }))
            #expect(point.records == 300 && point.positives == positives)
            #expect(point.sensitivity.low < point.sensitivity.value)
        }
        // Chosen on the development part: there it holds what its name says.
        let negatives = zip(development.margins, development.isPositive).filter { !$0.1 }.map(\.0)
        let kept = negatives.count {
            Double(calibration.probability(margin: $0)) < head.points[0].threshold
        }
        #expect(Double(kept) >= 0.95 * Double(negatives.count))
    }

    /// A site with other prior odds: the same calls, other probabilities, predictive values by Bayes.
    @Test func rebasesToThePrevalenceOfTheSite() throws {
        let development = part(800, seed: 3)
        let test = part(300, seed: 4)
        let parts = (
            development: (development.margins, development.isPositive), test: (test.margins, test.isPositive)
        )
        let own = try HeadCalibration(development: parts.development, test: parts.test)
        let site = try HeadCalibration(
            development: parts.development, test: parts.test, sitePrevalence: 0.05)
        let prevalence = Double(development.isPositive.count { $0 }) / 800
        let shift = log(0.05 / 0.95) - log(prevalence / (1 - prevalence))
        #expect(site.calibration.prevalence == prevalence && own.calibration.shift == 0)
        #expect(abs(try #require(site.calibration.shift) - shift) < 1e-12)
        for (rebased, point) in zip(site.points, own.points) {
            let odds = log(rebased.threshold / (1 - rebased.threshold))
            #expect(abs(odds - shift - log(point.threshold / (1 - point.threshold))) < 1e-4)
            #expect(rebased.sensitivity == point.sensitivity && rebased.specificity == point.specificity)
            let (sensitivity, specificity) = (point.sensitivity.value, point.specificity.value)
            let bayes = sensitivity * 0.05 / (sensitivity * 0.05 + (1 - specificity) * 0.95)
            let value = try #require(rebased.positivePredictiveValue)
            #expect(abs(value.value - bayes) < 1e-12 && value.low < bayes && bayes < value.high)
        }
        #expect(throws: MetricError.self) {
            try HeadCalibration(development: parts.development, test: parts.test, sitePrevalence: 1)
        }
    }

    @Test func refusesMarginsThatRankTheWrongWayRound() {
        let margins: [Float] = [2, 1, 0.5, -1, -2, -3, 0.2, -0.2]
        let isPositive = [false, false, true, false, true, true, false, true]
        #expect(throws: MetricError.self) {
            try HeadCalibration(development: (margins, isPositive), test: (margins, isPositive))
        }
        #expect(Calibration(intercept: 0, slope: -1) == nil && Calibration(intercept: .nan, slope: 1) == nil)
        #expect(Calibration(intercept: 0, slope: 1)?.probability(margin: 200) == 1)
        #expect(Calibration(intercept: 0, slope: 1)?.probability(margin: -200) == 0)
    }

    @Test func foldsJudgeEachRecordOnceAndSplitNoPatient() throws {
        let records = (0..<200).filter { $0 % 7 != 0 }
        let isPositive = (0..<200).map { $0 % 5 == 0 }
        let patients = (0..<200).map { "p\($0 / 3)" }
        let splits = try CrossValidation.splits(
            of: records, isPositive: isPositive, patients: patients, count: 5, seed: 6)
        #expect(splits.flatMap(\.test).sorted() == records)
        for split in splits {
            #expect((split.test + split.development).sorted() == records)
            #expect(split.patientsOnBothSides(patients) == 0)
            #expect((25...45).contains(split.test.count))
        }
        let again = try CrossValidation.splits(
            of: records, isPositive: isPositive, patients: patients, count: 5, seed: 6)
        #expect(again == splits)
        #expect(throws: SplitError.self) {
            try CrossValidation.splits(
                of: Array(1..<40), isPositive: (0..<40).map { $0 < 3 }, patients: patients, count: 5, seed: 6)
        }
    }
}

import Foundation
import Risk
import Testing
import Training

@Suite struct MetricsTests {
    struct Expected: Decodable, Sendable, CustomTestStringConvertible {
        let name: String
        let scores: [Double]
        let positive: [Bool]
        let auroc, averagePrecision, brier, delongVariance, delongLower, delongUpper: Double

        var testDescription: String { name }
    }

    private struct File: Decodable { let cases: [Expected] }

    static func cases() throws -> [Expected] {
        let url = try #require(
            Bundle.module.url(forResource: "metrics", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
    }

    /// Sums of a few hundred terms of at most 1, in another order than numpy's.
    private static let tolerance = 1e-13

    @Test(arguments: try cases())
    func agreesWithScikitLearn(expected: Expected) throws {
        let records = try ScoredLabels(scores: expected.scores, isPositive: expected.positive)
        #expect(abs(records.areaUnderROC - expected.auroc) < Self.tolerance)
        #expect(abs(records.averagePrecision - expected.averagePrecision) < Self.tolerance)
        #expect(abs(try records.brierScore() - expected.brier) < Self.tolerance)
        let delong = try DeLong(records)
        #expect(abs(delong.variance - expected.delongVariance) < Self.tolerance)
        let interval = try delong.interval()
        #expect(abs(interval.lower - expected.delongLower) < 1e-12)
        #expect(abs(interval.upper - expected.delongUpper) < 1e-12)
        #expect(interval.estimate == records.areaUnderROC)
    }

    @Test func dependsOnRanksOnly() throws {
        let expected = try #require(try Self.cases().first { $0.name == "many ties" })
        let records = try ScoredLabels(scores: expected.scores, isPositive: expected.positive)
        let stretched = try ScoredLabels(
            scores: expected.scores.map { exp(30 * $0) }, isPositive: expected.positive)
        #expect(records.areaUnderROC == stretched.areaUnderROC)
        #expect(records.averagePrecision == stretched.averagePrecision)
        #expect(throws: MetricError.self) { try stretched.brierScore() }
    }

    @Test func refusesWhatHasNoMeasure() throws {
        #expect(throws: MetricError.oneClass(positive: 2, count: 2)) {
            try ScoredLabels(scores: [1, 2], isPositive: [true, true])
        }
        #expect(throws: MetricError.count(scores: 1, labels: 2)) {
            try ScoredLabels(scores: [1], isPositive: [true, false])
        }
        #expect(throws: MetricError.notFinite(record: 1)) {
            try ScoredLabels(scores: [1, .nan], isPositive: [true, false])
        }
        let two = try ScoredLabels(scores: [1, 0], isPositive: [true, false])
        #expect(throws: MetricError.oneClass(positive: 1, count: 2)) { try DeLong(two) }
    }
}

@Suite struct BootstrapTests {
    private func records(patients: Int, recordsEach: Int, seed: UInt64) throws -> (ScoredLabels, [String]) {
        var generator = SplitMix64(seed: seed)
        var scores: [Double] = []
        var isPositive: [Bool] = []
        var names: [String] = []
        for patient in 0..<patients {
            let score = generator.unit() + (patient % 4 == 0 ? 0.35 : 0)
            for _ in 0..<recordsEach {
                scores.append(score)
                isPositive.append(patient % 4 == 0)
                names.append("p\(patient)")
            }
        }
        return (try ScoredLabels(scores: scores, isPositive: isPositive), names)
    }

    @Test func agreesWithDeLongWhenEveryRecordIsAPatient() throws {
        let (records, _) = try records(patients: 400, recordsEach: 1, seed: 2)
        let interval = try Bootstrap().interval(of: records, \.areaUnderROC)
        let delong = try DeLong(records).interval()
        #expect(abs(interval.lower - delong.lower) < 0.01)
        #expect(abs(interval.upper - delong.upper) < 0.01)
        #expect(interval.estimate == records.areaUnderROC)
    }

    /// Copies of the same records add nothing: by patient the interval stays, by record it shrinks wrongly.
    @Test func resamplesPatientsAndNotTheirRecords() throws {
        let (single, _) = try records(patients: 200, recordsEach: 1, seed: 3)
        let (copies, names) = try records(patients: 200, recordsEach: 4, seed: 3)
        let width = { (interval: Interval) in interval.upper - interval.lower }
        let expected = try width(Bootstrap().interval(of: single, \.areaUnderROC))
        let byPatient = try width(Bootstrap().interval(of: copies, patients: names, \.areaUnderROC))
        let byRecord = try width(Bootstrap().interval(of: copies, \.areaUnderROC))
        #expect(abs(byPatient - expected) < 1e-12)
        #expect(byRecord < 0.6 * byPatient)
    }

    @Test func repeatsFromItsSeed() throws {
        let (records, _) = try records(patients: 80, recordsEach: 1, seed: 4)
        let one = try Bootstrap(seed: 7).interval(of: records, \.averagePrecision)
        #expect(try Bootstrap(seed: 7).interval(of: records, \.averagePrecision) == one)
        #expect(try Bootstrap(seed: 8).interval(of: records, \.averagePrecision) != one)
        #expect(one.lower < one.estimate && one.estimate < one.upper)
        let narrower = try Bootstrap(level: 0.5, seed: 7).interval(of: records, \.averagePrecision)
        #expect(narrower.lower > one.lower && narrower.upper < one.upper)
    }

    @Test func coversTheTruthAsOftenAsItSays() throws {
        // Scores u + 0.35 against u, both uniform: the true area is 1 - 0.65^2 / 2.
        let truth = 1 - 0.65 * 0.65 / 2
        var covered = 0
        for seed in 0..<200 as Range<UInt64> {
            let (records, _) = try records(patients: 160, recordsEach: 1, seed: 100 + seed)
            let interval = try Bootstrap(resamples: 200, seed: seed).interval(of: records, \.areaUnderROC)
            if interval.lower <= truth, truth <= interval.upper { covered += 1 }
        }
        // 95% of 200 is 190; four standard deviations are 12, and percentile intervals run a little narrow.
        #expect((174...200).contains(covered))
    }

    @Test func refusesParametersThatGiveNoInterval() throws {
        let (records, names) = try records(patients: 8, recordsEach: 1, seed: 4)
        #expect(throws: MetricError.parameter(name: "level", value: 1)) {
            try Bootstrap(level: 1).interval(of: records, \.areaUnderROC)
        }
        #expect(throws: MetricError.parameter(name: "resamples", value: 10)) {
            try Bootstrap(resamples: 10).interval(of: records, \.areaUnderROC)
        }
        #expect(throws: MetricError.count(scores: 8, labels: 7)) {
            try Bootstrap().interval(of: records, patients: names.dropLast(), \.areaUnderROC)
        }
        let mixed = try ScoredLabels(scores: [1, 0, 1], isPositive: [true, false, false])
        #expect(throws: Never.self) {
            try Bootstrap().interval(of: mixed, patients: ["a", "a", "b"], \.areaUnderROC)
        }
    }
}

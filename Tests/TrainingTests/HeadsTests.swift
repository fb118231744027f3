import Foundation
import Risk
import Testing
import Training

/// Heads beyond the paper's, against scikit-learn and numpy.
@Suite struct HeadsTests {
    struct Expected: Decodable, Sendable {
        struct Fit: Decodable, Sendable {
            let weights, values: [Double]
            let intercept: Double
        }
        struct Linear: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let rows: [[Float]]
            let positive: [Bool]
            let penalty: Double
            let logistic, squared: Fit
            var testDescription: String { name }
        }
        struct Ensemble: Decodable, Sendable {
            let scores: [[Double]]
            let spreads: [Double]
        }

        struct Coverage: Decodable, Sendable, CustomTestStringConvertible {
            let name: String
            let scores, spreads, nineTenths: [Double]
            let positive: [Bool]
            let threshold, area: Double
            let points: [[Double]]
            var testDescription: String { name }
        }

        let coverage: [Coverage]
        let linear: [Linear]
        let ensemble: Ensemble
    }

    static func expected() throws -> Expected {
        let url = try #require(
            Bundle.module.url(forResource: "heads", withExtension: "json", subdirectory: "Fixtures"))
        return try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
    }

    @Test(arguments: try expected().linear, LinearHead.Loss.allCases)
    func linearHeadsAreScikitLearns(expected: Expected.Linear, loss: LinearHead.Loss) throws {
        let rows = try FeatureMatrix(
            values: expected.rows.flatMap { $0 }, rowCount: expected.rows.count,
            featureCount: expected.rows[0].count)
        let head = try LinearHead(
            fittingTo: rows, isPositive: expected.positive, loss: loss, penalty: expected.penalty)
        let fit = loss == .logistic ? expected.logistic : expected.squared
        #expect(zip(head.weights, fit.weights).allSatisfy { abs($0 - $1) < 1e-4 * max(1, abs($1)) })
        #expect(abs(head.intercept - fit.intercept) < 1e-4 * max(1, abs(fit.intercept)))
        for (row, value) in zip(expected.rows, fit.values) {
            #expect(abs(head.value(row) - value) < 1e-4 * max(1, abs(value)))
        }
        // A score is a share, and keeps the order.
        let order = { (values: [Double]) in values.indices.sorted { values[$0] < values[$1] } }
        let scores = expected.rows.map { head.score($0) }
        #expect(order(scores) == order(expected.rows.map { head.value($0) }))
        #expect(scores.allSatisfy { (0...1).contains($0) })
    }

    @Test func linearHeadsWantALabelForEachRow() throws {
        let rows = try FeatureMatrix(values: [1, 2, 3], rowCount: 3, featureCount: 1)
        #expect(throws: MetricError.count(scores: 3, labels: 2)) {
            try LinearHead(fittingTo: rows, isPositive: [true, false], loss: .logistic)
        }
    }

    @Test func spreadIsNumpys() throws {
        let expected = try Self.expected().ensemble
        for (scores, spread) in zip(expected.scores, expected.spreads) {
            #expect(abs(EnsembleSpread.of(scores) - spread) < 1e-14)
        }
        #expect(EnsembleSpread.of([0.3]) == 0)
    }

    @Test(arguments: try expected().coverage)
    func riskIsCountedOverWhatIsDecidedOn(expected: Expected.Coverage) throws {
        let records = try ScoredLabels(scores: expected.scores, isPositive: expected.positive)
        let curve = try RiskCoverage(
            of: records, spreads: expected.spreads, threshold: expected.threshold)
        let rows = { (point: RiskCoverage.Point) in [point.spread, point.coverage, point.errorRate] }
        #expect(curve.points.map(rows) == expected.points)
        #expect(abs(curve.area - expected.area) < 1e-12)
        #expect(rows(curve.point(coverage: 0.9)) == expected.nineTenths)
        #expect(throws: MetricError.count(scores: 1, labels: records.count)) {
            try RiskCoverage(of: records, spreads: [0], threshold: 0.5)
        }
    }
}

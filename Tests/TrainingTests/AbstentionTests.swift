import Encoders
import Risk
import Scoring
import Testing
import Training

@Suite struct AbstentionTests {
    /// Twenty out-of-fold scores, ten of either label; the two with the largest spreads are the two that are wrong.
    private var development: OutOfFoldScores {
        var scores: [RiskScore] = []
        var spreads: [Double] = []
        for record in 0..<20 {
            let isWrong = record == 4 || record == 13
            scores.append(RiskScore(margin: (record < 10) == isWrong ? 2 : -2))
            spreads.append(isWrong ? 0.3 : Double(record + 1) / 200)
        }
        return OutOfFoldScores(
            scores: scores, isPositive: (0..<20).map { $0 >= 10 }, spreads: spreads)
    }

    /// Worked by hand: 18 of 20 have a spread up to 0.1, all of them decided rightly.
    @Test func leavesTheLeastCertainTenthUndecided() throws {
        let test = (
            rawScores: [0.9, 0.9, 0.1, 0.9, 0.2], spreads: [0.01, 0.1, 0.05, 0.2, 0.1],
            isPositive: [true, false, false, false, true]
        )
        let entry = try HeadAbstention(development: development, test: test).entry
        #expect(entry.spread == 0.1 && entry.records == 20 && entry.folds == 5)
        #expect(abs(entry.rawScore - 1 / (1 + 0.1353352832)) < 1e-6)
        // The fourth is left undecided. Of the others the second is called wrongly, and the last is missed.
        #expect(entry.decided.value == 0.8)
        #expect(entry.errorRate?.value == 0.5)
        #expect(entry.errorRateOfAll.value == 0.6)
        #expect(entry.decided.low < 0.8 && entry.decided.high > 0.8)
        #expect(entry.curve.map(\.coverage).last == 1)
        #expect(entry.curve.last?.errorRate == 0.1 && entry.curve.last?.spread == 0.3)
        let chosen = try #require(entry.curve.first { $0.coverage == 0.9 })
        #expect(chosen.errorRate == 0 && chosen.spread == entry.spread)
    }

    @Test func hasNoErrorRateWhereNoneIsDecidedOn() throws {
        let test = (rawScores: [0.9, 0.1], spreads: [0.5, 0.6], isPositive: [true, false])
        let entry = try HeadAbstention(development: development, test: test).entry
        #expect(entry.decided.value == 0 && entry.errorRate == nil && entry.errorRateOfAll.value == 0)
    }

    @Test func refusesScoresThatTellNothingApartAndSpreadsThatAreMissing() {
        let scores = [0, 1, 0, 1].map { RiskScore(margin: Float($0)) }
        let wrong = OutOfFoldScores(
            scores: scores, isPositive: [true, false, true, false], spreads: [0.1, 0.2, 0.3, 0.4])
        let test = (rawScores: [0.9, 0.1], spreads: [0.5, 0.6], isPositive: [true, false])
        #expect(throws: MetricError.notConverged(what: "a threshold of decisions")) {
            try HeadAbstention(development: wrong, test: test)
        }
        let single = OutOfFoldScores(scores: scores, isPositive: [false, true, false, true])
        #expect(throws: MetricError.count(scores: 0, labels: 4)) {
            try HeadAbstention(development: single, test: test)
        }
        #expect(throws: MetricError.count(scores: 1, labels: 2)) {
            try HeadAbstention(
                development: development, test: (test.rawScores, [0.1], test.isPositive))
        }
    }
}

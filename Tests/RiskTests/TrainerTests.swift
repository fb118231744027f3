import Risk
import Testing

@Suite struct TrainerTests {
    @Test(arguments: [BoosterParameters.TreeMethod.histogram, .exact])
    func writesEqualBytesForEqualSeedsAndAnyThreads(method: BoosterParameters.TreeMethod) throws {
        let (rows, labels) = try TrainedBooster.cohort(rows: 300, features: 30, seed: 4)
        var parameters = BoosterParameters()
        parameters.rounds = 10
        parameters.treeMethod = method
        let one = try BoosterTrainer.train(rows: rows, labels: labels, parameters: parameters, threads: 1)
        let two = try BoosterTrainer.train(rows: rows, labels: labels, parameters: parameters, threads: 2)
        #expect(one == two)
        parameters.seed = 1
        let other = try BoosterTrainer.train(rows: rows, labels: labels, parameters: parameters, threads: 1)
        #expect(one != other)
    }

    /// Between the two values next to it of the rows that come to the split, halfway: no row meets it.
    @Test(arguments: [false, true]) func putsThresholdsHalfway(quantised: Bool) throws {
        let (rows, labels) = try TrainedBooster.cohort(rows: 700, features: 12, seed: 5)
        var parameters = BoosterParameters()
        parameters.rounds = 15
        let batches = RowBatches(rowCount: 700, featureCount: 12) { (range) throws(FeatureError) in
            range.flatMap { rows[$0] }
        }
        let json = try BoosterTrainer.train(
            batches: batches, labels: labels, parameters: parameters, threads: 1,
            wholeRows: quantised ? 100 : 700)
        let model = try BoosterModel(json: json)
        #expect((0..<700).allSatisfy { !model.meetsThreshold(Array(rows[$0])) })
        var splits = 0
        for tree in model.trees {
            // From the root on: a node's children come behind it.
            var coming = [[Int]](repeating: [], count: tree.nodes.count)
            coming[0] = Array(0..<700)
            for (place, node) in tree.nodes.enumerated() where !node.isLeaf && !coming[place].isEmpty {
                let values = coming[place].map { rows[$0][rows[$0].startIndex + Int(node.feature)] }
                let low = try #require(values.filter { $0 < node.threshold }.max())
                let high = try #require(values.filter { $0 >= node.threshold }.min())
                #expect(node.threshold == low + (high - low) / 2)
                // Rows that a rounding could exchange are not parted, where the whole is at hand.
                #expect(quantised || high - low >= 0x1p-13)
                for (row, value) in zip(coming[place], values) {
                    coming[Int(value < node.threshold ? node.left : node.right)].append(row)
                }
                splits += 1
            }
        }
        #expect(splits > 100)
    }

    /// Up to the limit batches are one matrix; beyond it they are quantised, more than one of them here.
    @Test func trainsOnBatches() throws {
        let (rows, labels) = try TrainedBooster.cohort(rows: 9_000, features: 8, seed: 4)
        var parameters = BoosterParameters()
        parameters.rounds = 20
        let batches = RowBatches(rowCount: 9_000, featureCount: 8) {
            (range) throws(FeatureError) in Array(rows.values[range.lowerBound * 8..<range.upperBound * 8])
        }
        let whole = try BoosterTrainer.train(rows: rows, labels: labels, parameters: parameters, threads: 2)
        let train = { (limit: Int, threads: Int) throws(BoosterError) in
            try BoosterTrainer.train(
                batches: batches, labels: labels, parameters: parameters, threads: threads, wholeRows: limit)
        }
        #expect(try train(9_000, 2) == whole)
        let quantised = try train(100, 1)
        #expect(try train(100, 2) == quantised)
        // Bins are approximate quantiles, so trees differ a little; both have learnt the rule.
        let (fresh, truth) = try TrainedBooster.cohort(rows: 500, features: 8, seed: 9)
        for json in [whole, quantised] {
            let booster = try Booster(json: json)
            var right = 0
            for row in 0..<500
            where try (booster.score(Array(fresh[row])).rawScore > 0.5) == (truth[row] == 1) { right += 1 }
            #expect(right > 420)
        }
    }

    @Test func aBatchThatIsNotAsDeclaredIsRefused() throws {
        let labels = (0..<10).map { Float($0 % 2) }
        for values in [[Float](repeating: 1, count: 19), [Float](repeating: .nan, count: 20)] {
            let batches = RowBatches(rowCount: 10, featureCount: 2) { (_) throws(FeatureError) in values }
            #expect(throws: BoosterError.self) {
                try BoosterTrainer.train(
                    batches: batches, labels: labels, parameters: BoosterParameters(), threads: 1,
                    wholeRows: 1)
            }
        }
    }

    @Test func learnsThePlantedRule() throws {
        let (rows, labels) = try TrainedBooster.cohort(rows: 600, features: 6, seed: 8)
        var done: [Int] = []
        let json = try BoosterTrainer.train(
            rows: rows, labels: labels, parameters: BoosterParameters(), threads: 2,
            progress: { round, total in done.append(round * 1_000 + total) })
        #expect(done == (1...100).map { $0 * 1_000 + 100 })
        let booster = try Booster(json: json)
        #expect(booster.model.trees.count == 100)
        let (fresh, truth) = try TrainedBooster.cohort(rows: 300, features: 6, seed: 9)
        var right = 0
        for row in 0..<300 where try (booster.score(Array(fresh[row])).rawScore > 0.5) == (truth[row] == 1) {
            right += 1
        }
        #expect(right > 240)
    }

    @Test func refusesWhatCannotBeTrained() throws {
        let (rows, labels) = try TrainedBooster.cohort(rows: 20, features: 3, seed: 4)
        let train = { (labels: [Float], change: (inout BoosterParameters) -> Void) throws(BoosterError) in
            var parameters = BoosterParameters()
            change(&parameters)
            _ = try BoosterTrainer.train(rows: rows, labels: labels, parameters: parameters, threads: 1)
        }
        var wrong = labels
        wrong[7] = 0.5
        #expect(throws: BoosterError.label(row: 7, found: 0.5)) { try train(wrong) { _ in } }
        #expect(throws: BoosterError.labelCount(found: 19, expected: 20)) {
            try train(labels.dropLast()) { _ in }
        }
        #expect(throws: BoosterError.oneClass(missing: 1)) {
            try train([Float](repeating: 0, count: 20)) { _ in }
        }
        #expect(
            throws: BoosterError.parameter(name: "subsample", expected: "above 0, at most 1", found: "0.0")
        ) {
            try train(labels) { $0.subsample = 0 }
        }
        #expect(throws: BoosterError.parameter(name: "rounds", expected: "1...20000", found: "0")) {
            try train(labels) { $0.rounds = 0 }
        }
    }
}

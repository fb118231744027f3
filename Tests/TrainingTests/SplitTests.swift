import Risk
import Testing
import Training

@Suite struct StratifiedSplitTests {
    /// The paper's cohort: 5,813 ECGs, 1,207 with ACS.
    @Test func givesThePapersCounts() throws {
        let isPositive = (0..<5_813).map { $0 < 1_207 }
        let split = try StratifiedSplit.split(isPositive: isPositive, seed: 1)
        #expect(split.test.count == 1_163)
        #expect(split.development.count == 4_650)
        #expect(split.test.count { isPositive[$0] } == 241)
        #expect(split.development.count { isPositive[$0] } == 966)
    }

    @Test(arguments: [(10, 2), (101, 17), (333, 300), (2_000, 33)], [0.2, 0.35])
    func keepsThePrevalenceWithinOneRecord(sizes: (count: Int, positives: Int), share: Double) throws {
        var generator = SplitMix64(seed: 4)
        let isPositive = generator.shuffled((0..<sizes.count).map { $0 < sizes.positives })
        let splits = try StratifiedSplit.reshuffles(
            5, isPositive: isPositive, testShare: share, seed: 6)
        for split in splits {
            #expect((split.development + split.test).sorted() == Array(0..<sizes.count))
            #expect(split.test == split.test.sorted())
            #expect(abs(Double(split.test.count) - share * Double(sizes.count)) <= 1)
            let positives = Double(split.test.count { isPositive[$0] })
            let expected = Double(split.test.count) * Double(sizes.positives) / Double(sizes.count)
            #expect(abs(positives - expected) <= 1)
        }
    }

    @Test func repeatsFromItsSeedAndDiffersBetweenReshuffles() throws {
        let isPositive = (0..<200).map { $0 % 5 == 0 }
        let splits = try StratifiedSplit.reshuffles(isPositive: isPositive, seed: 3)
        #expect(splits.count == 10)
        #expect(try StratifiedSplit.reshuffles(isPositive: isPositive, seed: 3) == splits)
        #expect(Set(splits.map(\.test)).count == 10)
        #expect(try StratifiedSplit.reshuffles(isPositive: isPositive, seed: 4) != splits)
        // Over ten reshuffles a record is tested twice on average; each has been on the development side.
        let times = (0..<200).map { record in splits.count { $0.test.contains(record) } }
        #expect(times.reduce(0, +) == 400)
        #expect(times.max() ?? 10 < 10)
    }

    @Test func refusesWhatCannotBeSplit() {
        #expect(throws: SplitError.classMissing(side: "test", label: 1)) {
            try StratifiedSplit.split(isPositive: [true, false, false, false, false, false], seed: 0)
        }
        #expect(throws: SplitError.classMissing(side: "development", label: 0)) {
            try StratifiedSplit.split(isPositive: [], seed: 0)
        }
        #expect(throws: SplitError.share(1)) {
            try StratifiedSplit.split(isPositive: [true, false], testShare: 1, seed: 0)
        }
    }

    @Test func takesTheFoldsThatATableGives() throws {
        let isPositive = [true, false, true, false, true, false]
        let split = try Split(testFold: 2, folds: [1, 1, 2, 2, 3, 3], isPositive: isPositive)
        #expect(split.test == [2, 3])
        #expect(split.development == [0, 1, 4, 5])
        #expect(split.patientsOnBothSides(["a", "b", "a", "c", "b", "d"]) == 1)
        #expect(throws: SplitError.noFold(9)) {
            try Split(testFold: 9, folds: [1, 1, 2, 2, 3, 3], isPositive: isPositive)
        }
        #expect(throws: SplitError.classMissing(side: "test", label: 0)) {
            try Split(testFold: 2, folds: [1, 1, 2, 3, 3, 3], isPositive: isPositive)
        }
        #expect(throws: SplitError.count(found: 1, expected: 6)) {
            try Split(testFold: 2, folds: [2], isPositive: isPositive)
        }
    }
}

@Suite struct GroupedStratifiedSplitTests {
    /// Patients with one to six records; some have both labels.
    private func cohort(patients: Int, seed: UInt64) -> (isPositive: [Bool], patients: [String]) {
        var generator = SplitMix64(seed: seed)
        var records: [(Bool, String)] = []
        for patient in 0..<patients {
            let isSick = generator.below(4) == 0
            for _ in 0...generator.below(6) {
                records.append((isSick && generator.below(3) > 0, "patient \(patient)"))
            }
        }
        records = generator.shuffled(records)
        return (records.map(\.0), records.map(\.1))
    }

    @Test(arguments: [20, 90, 1_500], 0..<5 as Range<UInt64>)
    func keepsPatientsTogetherAndMatchesTheCounts(patients: Int, seed: UInt64) throws {
        let cohort = cohort(patients: patients, seed: 77)
        let split = try GroupedStratifiedSplit.split(
            isPositive: cohort.isPositive, patients: cohort.patients, seed: seed)
        #expect(split.patientsOnBothSides(cohort.patients) == 0)
        #expect((split.development + split.test).sorted() == Array(cohort.isPositive.indices))
        let count = cohort.isPositive.count
        let target = (0.2 * Double(count)).rounded(.up)
        let positives = cohort.isPositive.count { $0 }
        let tested = split.test.count { cohort.isPositive[$0] }
        // Hundreds of patients of many kinds: the target is met exactly; with twenty, to within a record or two.
        let slack = patients > 20 ? 0.51 : 2
        #expect(abs(Double(split.test.count) - target) <= slack)
        #expect(abs(Double(tested) - target * Double(positives) / Double(count)) <= slack)
    }

    @Test func repeatsFromItsSeedAndVariesWithIt() throws {
        let cohort = cohort(patients: 300, seed: 5)
        let split = { (seed: UInt64) throws(SplitError) in
            try GroupedStratifiedSplit.split(
                isPositive: cohort.isPositive, patients: cohort.patients, seed: seed)
        }
        #expect(try split(1) == split(1))
        let tests = try (0..<10 as Range<UInt64>).map { try Set(split($0).test) }
        #expect(Set(tests).count == 10)
        // Two random fifths share a fifth of their records; a split that hardly varied would share most.
        #expect(tests[0].intersection(tests[1]).count < tests[0].count / 2)
    }

    @Test func equalsTheRecordSplitsCountsWhenNobodyRepeats() throws {
        let isPositive = (0..<5_813).map { $0 % 5 == 0 }
        let byRecord = try StratifiedSplit.split(isPositive: isPositive, seed: 1)
        let byPatient = try GroupedStratifiedSplit.split(
            isPositive: isPositive, patients: isPositive.indices.map { "\($0)" }, seed: 1)
        #expect(byPatient.test.count == byRecord.test.count)
        #expect(byPatient.test.count { isPositive[$0] } == byRecord.test.count { isPositive[$0] })
    }

    @Test func refusesWhenOnePatientHasEveryPositive() {
        let isPositive = [true, true, true, false, false, false, false, false, false, false]
        let patients = ["a", "a", "a", "b", "c", "d", "e", "f", "g", "h"]
        #expect(throws: SplitError.self) {
            try GroupedStratifiedSplit.split(isPositive: isPositive, patients: patients, seed: 0)
        }
        #expect(throws: SplitError.count(found: 8, expected: 10)) {
            try GroupedStratifiedSplit.split(
                isPositive: isPositive, patients: Array(patients.dropLast(2)), seed: 0)
        }
    }
}

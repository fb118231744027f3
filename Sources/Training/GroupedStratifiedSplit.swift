private import Risk

/// A split of patients: all records of one are on the same side.
///
/// Patients with equal numbers of positive and negative records are interchangeable, so first it is settled
/// how many of each such kind are tested: the test share of each kind, rounded at random, then improved until
/// no change of one or two patients brings the counts of positives and negatives nearer to the target. Which
/// patients of a kind these are is drawn at random.
package enum GroupedStratifiedSplit {
    /// `patients` names each record's patient, `[records]`.
    ///
    /// Throws: ``SplitError`` `count`, `share` or `classMissing`.
    package static func split(
        isPositive: [Bool], patients: [String], testShare: Double = 0.2, seed: UInt64
    ) throws(SplitError) -> Split {
        try SplitError.check(records: isPositive.count, other: patients.count)
        let target = try SplitTarget(isPositive: isPositive, testShare: testShare)
        var generator = SplitMix64(seed: seed)
        let kinds = kinds(isPositive: isPositive, patients: patients, &generator)
        var plan = Plan(kinds: kinds, target: target)
        for kind in kinds.indices {
            let wanted = testShare * Double(kinds[kind].patients.count)
            let whole = Int(wanted)
            plan.tested[kind] = whole + (generator.unit() < wanted - Double(whole) ? 1 : 0)
        }
        plan.improve(&generator)
        let test = kinds.indices.flatMap { kinds[$0].patients.prefix(plan.tested[$0]).flatMap { $0 } }
        let split = Split(test: test, of: isPositive.count)
        try split.check(isPositive)
        return split
    }

    /// Reshuffles as ``StratifiedSplit/reshuffles(_:isPositive:testShare:seed:)`` makes them, of patients.
    ///
    /// Throws: ``SplitError`` `count`, `share` or `classMissing`.
    package static func reshuffles(
        _ count: Int = 10, isPositive: [Bool], patients: [String], testShare: Double = 0.2, seed: UInt64
    ) throws(SplitError) -> [Split] {
        var generator = SplitMix64(seed: seed)
        var splits: [Split] = []
        for _ in 0..<count {
            splits.append(
                try split(
                    isPositive: isPositive, patients: patients, testShare: testShare,
                    seed: generator.next()))
        }
        return splits
    }

    /// Patients with the same numbers of positive and negative records.
    fileprivate struct Kind {
        let positives: Int
        let negatives: Int
        /// In random order: the records of each.
        let patients: [[Int]]
    }

    private struct Counts: Hashable, Comparable {
        let positives: Int
        let negatives: Int

        static func < (one: Counts, other: Counts) -> Bool {
            (one.positives, one.negatives) < (other.positives, other.negatives)
        }
    }

    private static func kinds(
        isPositive: [Bool], patients: [String], _ generator: inout SplitMix64
    ) -> [Kind] {
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for (record, patient) in patients.enumerated() {
            if let place = places[patient] {
                groups[place].append(record)
            } else {
                places[patient] = groups.count
                groups.append([record])
            }
        }
        let byCounts = Dictionary(grouping: groups) { group in
            let positives = group.count { isPositive[$0] }
            return Counts(positives: positives, negatives: group.count - positives)
        }
        return byCounts.sorted { $0.key < $1.key }.map { counts, groups in
            Kind(
                positives: counts.positives, negatives: counts.negatives,
                patients: generator.shuffled(groups))
        }
    }
}

/// How many patients of each kind are tested, and how far that is from the target.
private struct Plan {
    let kinds: [GroupedStratifiedSplit.Kind]
    let target: SplitTarget
    var tested: [Int]

    /// Kinds looked at in one step: real cohorts have fewer, and pairs of them are quick to try.
    private static let considered = 128

    init(kinds: [GroupedStratifiedSplit.Kind], target: SplitTarget) {
        self.kinds = kinds
        self.target = target
        tested = [Int](repeating: 0, count: kinds.count)
    }

    /// One patient more (+1) or fewer (-1) of a kind in the test set; nil changes nothing.
    private typealias Change = (kind: Int, by: Int)?

    /// Takes the best change of at most two patients until none helps; each step is nearer to the target, in
    /// whole records, so it ends.
    mutating func improve(_ generator: inout SplitMix64) {
        while true {
            var changes: [Change] = [nil]
            for kind in generator.shuffled(Array(kinds.indices)).prefix(Self.considered) {
                if tested[kind] < kinds[kind].patients.count { changes.append((kind, 1)) }
                if tested[kind] > 0 { changes.append((kind, -1)) }
            }
            guard let (first, second) = best(of: changes) else { return }
            for change in [first, second] {
                if let change { tested[change.kind] += change.by }
            }
        }
    }

    /// The pair that comes nearest to the target; nil when none is nearer than no change at all.
    private func best(of changes: [Change]) -> (Change, Change)? {
        var missingPositives = target.positives
        var missingNegatives = target.negatives
        for (kind, count) in tested.enumerated() {
            missingPositives -= count * kinds[kind].positives
            missingNegatives -= count * kinds[kind].negatives
        }
        var best: (Change, Change)?
        var nearest = distance(missingPositives, missingNegatives)
        for (place, first) in changes.enumerated() {
            for second in changes[..<place] where first?.kind != second?.kind {
                var positives = missingPositives
                var negatives = missingNegatives
                for change in [first, second] {
                    guard let change else { continue }
                    positives -= change.by * kinds[change.kind].positives
                    negatives -= change.by * kinds[change.kind].negatives
                }
                let candidate = distance(positives, negatives)
                if candidate < nearest { (best, nearest) = ((first, second), candidate) }
            }
        }
        return best
    }

    private func distance(_ positives: Int, _ negatives: Int) -> Int {
        positives * positives + negatives * negatives
    }
}

private import Risk

/// Parts of a development set, each to be judged by a head fitted on the others.
package enum CrossValidation {
    /// Deals patients to `count` folds, those with a positive record and those without apart, each to the fold that has
    /// the fewest records of their kind so far; the order is drawn at random.
    ///
    /// `records` are places in the cohort, as are those of the splits; `patients` names each record's patient,
    /// `[cohort]`. Throws: ``SplitError`` `classMissing` when a part would lack a label.
    package static func splits(
        of records: [Int], isPositive: [Bool], patients: [String], count: Int, seed: UInt64
    ) throws(SplitError) -> [Split] {
        var generator = SplitMix64(seed: seed)
        var folds = [[Int]](repeating: [], count: count)
        for kind in kinds(of: records, isPositive: isPositive, patients: patients) {
            var sizes = [Int](repeating: 0, count: count)
            for patient in generator.shuffled(kind) {
                let fold = sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0
                sizes[fold] += patient.count
                folds[fold] += patient
            }
        }
        var splits: [Split] = []
        for fold in folds {
            let split = Split(of: records, test: fold)
            try split.check(isPositive)
            splits.append(split)
        }
        return splits
    }

    /// Records of each patient, `[kind][patient][record]`: patients with a positive record, then the others.
    private static func kinds(of records: [Int], isPositive: [Bool], patients: [String]) -> [[[Int]]] {
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for record in records {
            if let place = places[patients[record]] {
                groups[place].append(record)
            } else {
                places[patients[record]] = groups.count
                groups.append([record])
            }
        }
        let hasPositive = { (group: [Int]) in group.contains { isPositive[$0] } }
        return [groups.filter(hasPositive), groups.filter { !hasPositive($0) }]
    }
}

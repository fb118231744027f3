private import Risk

/// Percentile intervals by resampling patients with replacement, each with all of its records.
///
/// Records of one patient are alike; resampling records would make the interval too narrow. Patients with a
/// positive record and patients without one are drawn separately, so that every resample has both classes and
/// the cohort's share of positive patients (Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
/// sections 8 and 13). With one record a patient this is the stratified bootstrap of records.
package struct Bootstrap: Sendable {
    package var resamples: Int
    package var level: Double
    package var seed: UInt64

    package init(resamples: Int = 2_000, level: Double = 0.95, seed: UInt64 = 0) {
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// The interval of any statistic of the records.
    ///
    /// `patients` names each record's patient, `[records]`; nil when every record is a patient of its own. A
    /// patient whose records are all positive can leave a resample without negatives: such a draw is repeated.
    /// Throws: ``MetricError`` `parameter`, `count` or `tooFewResamples`; what `statistic` throws.
    package func interval(
        of records: ScoredLabels, patients: [String]? = nil,
        _ statistic: (ScoredLabels) throws(MetricError) -> Double
    ) throws(MetricError) -> Interval {
        try Interval.check(level: level)
        guard resamples >= 100 else { throw .parameter(name: "resamples", value: Double(resamples)) }
        let strata = try Self.strata(records, patients: patients)
        var generator = SplitMix64(seed: seed)
        var values: [Double] = []
        for _ in 0..<resamples * 2 where values.count < resamples {
            guard let resample = Self.resample(records, strata, &generator) else { continue }
            values.append(try statistic(resample))
        }
        guard values.count == resamples else {
            throw .tooFewResamples(usable: values.count, wanted: resamples)
        }
        values.sort()
        return Interval(
            estimate: try statistic(records), lower: Self.quantile(values, (1 - level) / 2),
            upper: Self.quantile(values, (1 + level) / 2), level: level)
    }

    /// Records of each patient, `[stratum][patient][record]`: patients with a positive record, then the others,
    /// each in the order of their first record.
    private static func strata(
        _ records: ScoredLabels, patients: [String]?
    ) throws(MetricError) -> [[[Int]]] {
        if let patients, patients.count != records.count {
            throw .count(scores: records.count, labels: patients.count)
        }
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for record in 0..<records.count {
            guard let patient = patients?[record], let place = places[patient] else {
                if let patient = patients?[record] { places[patient] = groups.count }
                groups.append([record])
                continue
            }
            groups[place].append(record)
        }
        let hasPositive = { (group: [Int]) in group.contains { records.isPositive[$0] } }
        return [groups.filter(hasPositive), groups.filter { !hasPositive($0) }]
    }

    private static func resample(
        _ records: ScoredLabels, _ strata: [[[Int]]], _ generator: inout SplitMix64
    ) -> ScoredLabels? {
        var drawn: [Int] = []
        drawn.reserveCapacity(records.count)
        for stratum in strata {
            for _ in 0..<stratum.count {
                drawn.append(contentsOf: stratum[generator.below(stratum.count)])
            }
        }
        return try? ScoredLabels(
            scores: drawn.map { records.scores[$0] }, isPositive: drawn.map { records.isPositive[$0] })
    }

    /// Quantile of ascending values by linear interpolation (Hyndman and Fan's type 7, numpy's default).
    static func quantile(_ ascending: [Double], _ share: Double) -> Double {
        let place = share * Double(ascending.count - 1)
        let below = Int(place)
        let above = min(below + 1, ascending.count - 1)
        return ascending[below] + (place - Double(below)) * (ascending[above] - ascending[below])
    }
}

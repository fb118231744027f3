package import Training

/// What the fusion's pooled scores are worth among some of the patients.
package struct Subgroup: Sendable {
    /// "age 50 to 64", "female".
    package let name: String
    package let records: Int
    package let positives: Int
    /// By DeLong; nil with fewer than two ECGs of a label.
    package let areaUnderROC: Interval?
    package let averagePrecision: Double?
    /// At the point of all patients with a specificity of .90; nil without an ECG of the label.
    package let sensitivity: Interval?
    package let specificity: Interval?

    init(_ name: String, _ scores: [Double], _ isPositive: [Bool], threshold: Double) {
        self.name = name
        records = scores.count
        positives = isPositive.count { $0 }
        let labelled = try? ScoredLabels(scores: scores, isPositive: isPositive)
        areaUnderROC = labelled.flatMap { try? DeLong($0).interval() }
        averagePrecision = labelled?.averagePrecision
        let called = zip(scores, isPositive).filter { $0.0 >= threshold }
        let found = called.count { $0.1 }
        let cleared = records - positives - (called.count - found)
        sensitivity = try? Proportion(found, of: positives).wilson()
        specificity = try? Proportion(cleared, of: records - positives).wilson()
    }

    /// By sex and by age band, as far as the cohort file has them; empty when it has neither.
    static func all(of pooled: PooledScores, in cohort: Cohort) -> [Subgroup] {
        let records = pooled.records.map { cohort.records[$0] }
        let threshold = pooled.scores.threshold(specificity: 0.90).value
        func subgroup(_ name: String, _ belongs: (CohortRecord) -> Bool) -> Subgroup? {
            let places = records.indices.filter { belongs(records[$0]) }
            guard !places.isEmpty else { return nil }
            return Subgroup(
                name, places.map { pooled.scores.scores[$0] }, places.map { pooled.scores.isPositive[$0] },
                threshold: threshold)
        }
        var groups: [Subgroup?] = []
        if records.contains(where: { $0.sex != nil }) {
            groups += [
                subgroup("female") { $0.sex == .female }, subgroup("male") { $0.sex == .male },
                subgroup("sex unknown") { $0.sex == nil },
            ]
        }
        if records.contains(where: { $0.ageYears != nil }) {
            groups += bands.map { band in
                subgroup(band.name) { record in record.ageYears.map(band.years.contains) ?? false }
            }
            groups.append(subgroup("age unknown") { $0.ageYears == nil })
        }
        return groups.compactMap(\.self)
    }

    /// Years of age, the lower end included.
    private static let bands: [(name: String, years: Range<Double>)] = [
        ("age below 50", -1..<50), ("age 50 to 64", 50..<65), ("age 65 to 79", 65..<80),
        ("age from 80", 80..<200),
    ]
}

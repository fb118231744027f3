package import Scoring

extension Cohort {
    /// What one part of the cohort is made of, in counts: no row of the table can be told from it.
    package func characteristics(of records: [Int], part: String) -> Manifest.PartEntry {
        let rows = records.map { self.records[$0] }
        let ages = rows.compactMap(\.ageYears)
        let mean = ages.isEmpty ? nil : ages.reduce(0, +) / Double(ages.count)
        let squares = mean.map { mean in ages.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
        return Manifest.PartEntry(
            part: part, records: rows.count, positives: rows.count { $0.isPositive },
            patients: Set(patients(of: records)).count, agesKnown: ages.count, meanAge: mean,
            ageDeviation: ages.count > 1 ? squares.map { ($0 / Double(ages.count - 1)).squareRoot() } : nil,
            women: rows.count { $0.sex == .female }, men: rows.count { $0.sex == .male },
            sites: Set(rows.compactMap(\.site)).count, months: Self.months(of: rows))
    }

    /// "2024-03 to 2025-11", of the recordings whose date the table has by ISO 8601; nil when it has none.
    private static func months(of rows: [CohortRecord]) -> String? {
        let months = rows.compactMap(\.acquired).compactMap(Self.month).sorted()
        guard let first = months.first, let last = months.last else { return nil }
        return first == last ? first : "\(first) to \(last)"
    }

    private static func month(_ date: String) -> String? {
        let text = Array(date.utf8.prefix(7))
        guard text.count == 7, text[4] == UInt8(ascii: "-") else { return nil }
        let isDigit = { (place: Int) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[place]) }
        guard [0, 1, 2, 3, 5, 6].allSatisfy(isDigit) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}

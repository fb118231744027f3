package import ECGFormats
private import Foundation

/// ECG files with their labels, as `cohort.csv` lists them.
package struct Cohort: Sendable, Equatable {
    /// In the order of the table.
    package internal(set) var records: [CohortRecord]
    /// What was ignored: one line each, fit for a log.
    package let warnings: [String]
    /// Rows that were left out on request, in the order in which that was decided.
    package internal(set) var exclusions: [CohortExclusion] = []
    /// What is stated of all files because they do not say it themselves.
    package var stated = ReadOptions()

    package var positiveCount: Int { records.count { $0.isPositive } }

    /// Largest table that is read.
    package static let maximumBytes = 256 << 20

    /// Reads a table and checks every row of it, and that every file is there.
    ///
    /// The header names the columns: `path` and `label` (0 or 1), and if known `patient`, `age` (years), `sex`
    /// (female or male, or F and M), `site`, `fold` (a whole number), `acquired`; others are ignored with a warning. Paths
    /// are relative to the table's folder. With `excludingMissing` a row whose file is not there is left out.
    /// Throws: ``CohortError`` with every problem of the table.
    package init(contentsOf path: String, excludingMissing: Bool = false) throws(CohortError) {
        let url = URL(fileURLWithPath: path)
        guard let size = try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize else {
            throw CohortError(nil, .unreadable(path: path))
        }
        guard size <= Self.maximumBytes else {
            throw CohortError(nil, .tooLarge(bytes: size, limit: Self.maximumBytes))
        }
        guard let data = try? Data(contentsOf: url) else { throw CohortError(nil, .unreadable(path: path)) }
        try self.init(
            csv: Array(data), folder: url.deletingLastPathComponent().path,
            excludingMissing: excludingMissing)
    }

    /// Reads a table whose relative paths start in `folder`.
    ///
    /// Throws: ``CohortError`` with every problem of the table.
    package init(
        csv: [UInt8], folder: String, excludingMissing: Bool = false
    ) throws(CohortError) {
        let table = try CohortTable(csv)
        guard let header = table.rows.first else { throw CohortError(nil, .noRecords) }
        let columns = try CohortColumns(header)
        var problems: [CohortProblem] = []
        var records: [CohortRecord] = []
        var firstLines: [String: Int] = [:]
        for row in table.rows.dropFirst() {
            var reader = CohortRowReader(row: row, columns: columns, folder: folder)
            let record = reader.record()
            let isExcluded = excludingMissing && reader.isOnlyMissing
            if !isExcluded { problems += reader.problems }
            guard let record else { continue }
            guard !isExcluded else {
                exclusions.append(.init(record, reason: CohortExclusion.missingFile))
                continue
            }
            if let firstLine = firstLines[record.file] {
                problems.append(
                    .init(line: row.line, reason: .duplicatePath(path: record.path, firstLine: firstLine)))
            }
            firstLines[record.file] = firstLines[record.file] ?? row.line
            records.append(record)
        }
        if table.rows.count == 1 || problems.isEmpty && records.isEmpty {
            problems.append(.init(line: nil, reason: .noRecords))
        }
        if problems.isEmpty, Set(records.map(\.isPositive)).count == 1 {
            problems.append(.init(line: nil, reason: .oneClass(label: records[0].isPositive ? 1 : 0)))
        }
        guard problems.isEmpty else { throw CohortError(problems: problems) }
        self.records = records
        warnings = columns.unknown.map { "the column '\($0)' is not known and was ignored" }
    }
}

/// One row of a cohort.
package struct CohortRecord: Sendable, Equatable {
    package enum Sex: String, Sendable, Codable {
        case female, male

        /// Reads "female", "male", "F" and "M" in any case.
        init?(label: String) {
            switch label.lowercased() {
            case "f", "female": self = .female
            case "m", "male": self = .male
            default: return nil
            }
        }
    }

    /// Line of the table, from 1.
    package let line: Int
    /// As the table writes it.
    package let path: String
    /// Absolute path of the ECG file.
    package let file: String
    package internal(set) var isPositive: Bool
    /// Pseudonym of the patient; never logged.
    package let patient: String?
    package let ageYears: Double?
    package let sex: Sex?
    package let site: String?
    /// The split that the table gives.
    package let fold: Int?
    /// Time of the recording, as the table writes it.
    package let acquired: String?
}

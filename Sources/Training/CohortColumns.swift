private import Foundation

/// Which column of the table holds what.
struct CohortColumns {
    static let known = ["path", "label", "patient", "age", "sex", "site", "fold", "acquired"]

    let count: Int
    let places: [String: Int]
    let unknown: [String]

    init(_ header: CohortTable.Row) throws(CohortError) {
        var places: [String: Int] = [:]
        var problems: [CohortProblem] = []
        for (place, name) in header.fields.enumerated() {
            if places[name] != nil {
                problems.append(.init(line: header.line, reason: .repeatedColumn(name)))
            }
            places[name] = place
        }
        for name in ["path", "label"] where places[name] == nil {
            problems.append(.init(line: header.line, reason: .missingColumn(name)))
        }
        guard problems.isEmpty else { throw CohortError(problems: problems) }
        count = header.fields.count
        self.places = places
        unknown = header.fields.filter { !Self.known.contains($0) }
    }
}

/// Reads one row, and goes on after a problem so that all of them are found.
struct CohortRowReader {
    let row: CohortTable.Row
    let columns: CohortColumns
    let folder: String
    private(set) var problems: [CohortProblem] = []

    init(row: CohortTable.Row, columns: CohortColumns, folder: String) {
        self.row = row
        self.columns = columns
        self.folder = folder
    }

    /// The record; nil when the row has no path or label to go by. Its other problems are in ``problems``.
    mutating func record() -> CohortRecord? {
        guard row.fields.count == columns.count else {
            report(.fieldCount(found: row.fields.count, expected: columns.count))
            return nil
        }
        let label = label()
        let path = required("path")
        let patient = columns.places["patient"] == nil ? nil : required("patient")
        let fold = columns.places["fold"] == nil ? nil : fold()
        let age = age()
        let sex = sex()
        guard let path else { return nil }
        let file = URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
            .standardizedFileURL.path
        checkFile(file, path)
        return CohortRecord(
            line: row.line, path: path, file: file, isPositive: label ?? false, patient: patient,
            ageYears: age, sex: sex, site: cell("site"), fold: fold, acquired: cell("acquired"))
    }

    /// Whether nothing is wrong with the row but that its file is not there.
    var isOnlyMissing: Bool {
        guard problems.count == 1, case .missingFile = problems[0].reason else { return false }
        return true
    }

    private mutating func report(_ reason: CohortProblem.Reason) {
        problems.append(CohortProblem(line: row.line, reason: reason))
    }

    /// The text of a cell; nil when it is empty or the table has no such column.
    private func cell(_ column: String) -> String? {
        guard let place = columns.places[column], !row.fields[place].isEmpty else { return nil }
        return row.fields[place]
    }

    private mutating func required(_ column: String) -> String? {
        guard let text = cell(column) else {
            report(.emptyCell(column: column))
            return nil
        }
        return text
    }

    private mutating func label() -> Bool? {
        guard let text = required("label") else { return nil }
        guard text == "0" || text == "1" else {
            report(.label(found: text))
            return nil
        }
        return text == "1"
    }

    private mutating func fold() -> Int? {
        guard let text = required("fold") else { return nil }
        guard let fold = Int(text), fold >= 0 else {
            report(.cell(column: "fold", found: text, expected: "a whole number from 0 up"))
            return nil
        }
        return fold
    }

    private mutating func age() -> Double? {
        guard let text = cell("age") else { return nil }
        guard let age = Double(text), (0...130).contains(age) else {
            report(.cell(column: "age", found: text, expected: "years from 0 to 130"))
            return nil
        }
        return age
    }

    private mutating func sex() -> CohortRecord.Sex? {
        guard let text = cell("sex") else { return nil }
        guard let sex = CohortRecord.Sex(label: text) else {
            report(.cell(column: "sex", found: text, expected: "female, male, F or M"))
            return nil
        }
        return sex
    }

    private mutating func checkFile(_ file: String, _ path: String) {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            return report(.missingFile(path: path))
        }
        if isFolder.boolValue { report(.folder(path: path)) }
    }
}

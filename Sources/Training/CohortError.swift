/// Everything that is wrong with a cohort's table, found before any work is done.
///
/// No case holds a cell of the patient column: messages may be logged.
package struct CohortError: Error, Sendable, Equatable {
    package let problems: [CohortProblem]

    package init(problems: [CohortProblem]) { self.problems = problems }

    init(_ line: Int?, _ reason: CohortProblem.Reason) {
        problems = [CohortProblem(line: line, reason: reason)]
    }

    /// Whether the table itself could not be opened.
    package var isUnreadable: Bool {
        problems.contains { if case .unreadable = $0.reason { true } else { false } }
    }

    /// How many problems ``message`` lists.
    package static let shown = 100

    /// One line for each problem, the first hundred of them.
    package var message: String {
        var lines = problems.prefix(Self.shown).map(\.message)
        if problems.count > Self.shown { lines.append("and \(problems.count - Self.shown) more") }
        return lines.joined(separator: "\n")
    }
}

/// One thing that is wrong, and the line of the table where; nil when it concerns the whole table.
package struct CohortProblem: Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        case unreadable(path: String)
        case tooLarge(bytes: Int, limit: Int)
        /// The table is no CSV.
        case malformed(String)
        case missingColumn(String)
        case repeatedColumn(String)
        case fieldCount(found: Int, expected: Int)
        case emptyCell(column: String)
        /// A label other than 0 and 1.
        case label(found: String)
        case cell(column: String, found: String, expected: String)
        case missingFile(path: String)
        case folder(path: String)
        case duplicatePath(path: String, firstLine: Int)
        /// A patient who is positive in one row and negative in another.
        case bothLabels(firstLine: Int)
        /// A patient whose rows are in several folds: what is learnt of one is judged in another.
        case severalFolds(fold: Int?, firstFold: Int?, firstLine: Int)
        case noRecords
        case oneClass(label: Int)
    }

    package let line: Int?
    package let reason: Reason

    package init(line: Int?, reason: Reason) {
        self.line = line
        self.reason = reason
    }

    package var message: String { (line.map { "line \($0): " } ?? "") + text }

    private var text: String {
        switch reason {
        case .unreadable(let path): "\(path) cannot be read"
        case .tooLarge(let bytes, let limit): "the table has \(bytes) bytes; the limit is \(limit)"
        case .malformed(let what): "expected comma-separated values (RFC 4180), found \(what)"
        case .missingColumn(let name): "the header has no column '\(name)'"
        case .repeatedColumn(let name): "the header names the column '\(name)' twice"
        case .fieldCount(let found, let expected):
            "expected \(expected) fields as in the header, found \(found)"
        case .emptyCell(let column): "the column '\(column)' is empty here"
        case .label(let found): "expected the label 0 or 1, found '\(found.prefix(40))'"
        case .cell(let column, let found, let expected):
            "\(column): expected \(expected), found '\(found.prefix(40))'"
        case .missingFile(let path): "there is no file \(path)"
        case .folder(let path): "\(path) is a folder, not an ECG file"
        case .duplicatePath(let path, let firstLine): "\(path) was there before, in line \(firstLine)"
        case .bothLabels(let firstLine): "the patient of line \(firstLine) has the other label here"
        case .severalFolds(let fold, let firstFold, let firstLine):
            "the patient of line \(firstLine), there in \(Self.named(firstFold)), is in \(Self.named(fold)) here"
        case .noRecords: "the table lists no ECG"
        case .oneClass(let label): "every label is \(label); training needs both"
        }
    }
    private static func named(_ fold: Int?) -> String { fold.map { "fold \($0)" } ?? "no fold" }
}

import Bytes
import Foundation
import Testing
import Training

/// A folder with empty files, gone with the test.
private final class Folder {
    let path: String

    init(files: [String]) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "firstlead-cohort-\(UUID().uuidString)")
        path = url.path
        for file in files {
            let place = url.appendingPathComponent(file)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: place)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func cohort(_ csv: String) throws(CohortError) -> Cohort {
        try Cohort(csv: Array(csv.utf8), folder: path)
    }

    /// The problems of a table, as line and reason.
    func problems(_ csv: String) throws -> [CohortProblem] {
        try #require(#expect(throws: CohortError.self) { try cohort(csv) }).problems
    }
}

@Suite struct CohortTests {
    @Test func readsEveryColumn() throws {
        let folder = try Folder(files: ["a.hea", "sub/b, c.csv"])
        let csv = """
            label,path,patient,age,sex,site,fold,acquired
            1,a.hea,p1,64,female,North,3,2020-01-02T03:04:05Z\r
            0,"sub/b, c.csv","p ""2\""",,,,0,

            """
        let cohort = try folder.cohort("\u{FEFF}" + csv)
        #expect(cohort.records.count == 2)
        #expect(cohort.positiveCount == 1)
        #expect(cohort.warnings.isEmpty)
        let first = cohort.records[0]
        #expect(first.line == 2 && first.path == "a.hea" && first.isPositive)
        #expect(first.file.hasPrefix("/") && first.file.hasSuffix("/a.hea"))
        #expect(first.patient == "p1" && first.ageYears == 64 && first.sex == .female)
        #expect(first.site == "North" && first.fold == 3 && first.acquired == "2020-01-02T03:04:05Z")
        let second = cohort.records[1]
        #expect(second.path == "sub/b, c.csv" && second.patient == "p \"2\"" && second.line == 3)
        #expect(second.ageYears == nil && second.sex == nil && second.site == nil && second.fold == 0)
    }

    @Test func readsAFileWithPathsRelativeToItsFolder() throws {
        let folder = try Folder(files: ["ecg/a", "ecg/b"])
        let table = folder.path + "/cohort.csv"
        try Data("path,label,note\necg/a,0,x\n\(folder.path)/ecg/b,1,y".utf8).write(
            to: URL(fileURLWithPath: table))
        let cohort = try Cohort(contentsOf: table)
        #expect(cohort.records.map(\.path) == ["ecg/a", folder.path + "/ecg/b"])
        #expect(cohort.records.allSatisfy { FileManager.default.fileExists(atPath: $0.file) })
        #expect(cohort.warnings == ["the column 'note' is not known and was ignored"])
        let missing = CohortProblem(line: nil, reason: .unreadable(path: table + "x"))
        #expect(throws: CohortError(problems: [missing])) { try Cohort(contentsOf: table + "x") }
    }

    @Test func listsEveryProblemWithItsLine() throws {
        let folder = try Folder(files: ["a", "b", "folder/x"])
        let problems = try folder.problems(
            """
            path,label,patient,age,fold,sex
            a,1,p,20,1,male
            missing,0,p,20,1,male
            b,2,p,20,1,male
            ./folder/../a,0,p,20,1,male
            folder,0,p,20,1,male
            b,,,131,-1,x
            b,1
            ,0,p,,1,
            """)
        let expected: [(Int, CohortProblem.Reason)] = [
            (3, .missingFile(path: "missing")), (4, .label(found: "2")),
            (5, .duplicatePath(path: "./folder/../a", firstLine: 2)), (6, .folder(path: "folder")),
            (7, .emptyCell(column: "label")), (7, .emptyCell(column: "patient")),
            (7, .cell(column: "fold", found: "-1", expected: "a whole number from 0 up")),
            (7, .cell(column: "age", found: "131", expected: "years from 0 to 130")),
            (7, .cell(column: "sex", found: "x", expected: "female, male, F or M")),
            (7, .duplicatePath(path: "b", firstLine: 4)), (8, .fieldCount(found: 2, expected: 6)),
            (9, .emptyCell(column: "path")),
        ]
        #expect(problems == expected.map { CohortProblem(line: $0.0, reason: $0.1) })
    }

    @Test(arguments: [
        ("", nil, CohortProblem.Reason.noRecords), ("path,label\n", nil, .noRecords),
        ("path\na\n", 1, .missingColumn("label")), ("\nPath,label\na,1\n", 2, .missingColumn("path")),
        ("path,label,label\na,1,1\n", 1, .repeatedColumn("label")),
        ("path,label\na,1\nb,1\n", nil, .oneClass(label: 1)),
        ("path,label\n\"a,1\nb,0\n", 2, .malformed("a quotation mark that is never closed")),
        ("path,label\n\"a\"x,1\n", 2, .malformed("text behind a closing quotation mark")),
        ("path,label\na\"b,1\n", 2, .malformed("a quotation mark inside a field that is not quoted")),
        ("path,label\na\0,1\n", 2, .malformed("bytes that are not UTF-8 text")),
        ("path,label\na,yes\nb,0\n", 2, .label(found: "yes")),
        ("path,label\na, 1\nb,0\n", 2, .label(found: " 1")),
    ])
    func refuses(csv: String, line: Int?, reason: CohortProblem.Reason) throws {
        let folder = try Folder(files: ["a", "b"])
        #expect(try folder.problems(csv) == [CohortProblem(line: line, reason: reason)])
    }

    @Test func countsLinesThroughQuotedLineEnds() throws {
        let folder = try Folder(files: ["a", "b"])
        let problems = try folder.problems("path,label,site\na,1,\"one\r\ntwo\"\n\nb,x,\n")
        #expect(problems == [CohortProblem(line: 5, reason: .label(found: "x"))])
    }

    @Test func survivesEveryTruncationAndOtherBytes() throws {
        let folder = try Folder(files: ["a", "b"])
        let table = Array("path,label,site\r\na,1,\"x \"\"y\"\"\n\"\n\"b\",0,é\n".utf8)
        #expect(try Cohort(csv: table, folder: folder.path).records.count == 2)
        for length in 0..<table.count {
            let cohort = try? Cohort(csv: Array(table[..<length]), folder: folder.path)
            #expect(cohort == nil || cohort?.records.count == 2)
        }
        #expect(throws: CohortError.self) { try Cohort(csv: [0x70, 0xFF, 0x2C], folder: folder.path) }
    }

    @Test func showsAHundredProblemsAndNoPatient() throws {
        let folder = try Folder(files: [])
        let rows = (0..<250).map { "f\($0),0,secret\($0)\n" }.joined()
        let error = try #require(
            #expect(throws: CohortError.self) { try folder.cohort("path,label,patient\n" + rows) })
        #expect(error.problems.count == 250)
        #expect(error.message.split(separator: "\n").count == 101)
        #expect(error.message.hasSuffix("and 150 more"))
        #expect(!error.message.contains("secret"))
    }

    @Test func digestDependsOnContentLabelPatientAndOrder() {
        typealias Line = (content: Digest, isPositive: Bool, patient: String?)
        let one: Line = (Digest(of: "one".utf8), true, "p")
        let two: Line = (Digest(of: "two".utf8), false, nil)
        let digest = CohortDigest.digest(of: [one, two])
        let text = """
            \(one.content) 1 \(Digest(of: "p".utf8))
            \(two.content) 0 -

            """
        #expect(digest == Digest(of: text.utf8))
        var changed = [CohortDigest.digest(of: [two, one]), CohortDigest.digest(of: [one])]
        changed.append(CohortDigest.digest(of: [(one.content, false, "p"), two]))
        changed.append(CohortDigest.digest(of: [(one.content, true, "q"), two]))
        changed.append(CohortDigest.digest(of: [(two.content, true, "p"), two]))
        #expect(Set(changed).count == 5 && !changed.contains(digest))
    }
}

import Testing
import TestSupport
import Training

@Suite struct CohortPartsTests {
    private func cohort(fold: (Int) -> Int) throws -> Cohort {
        let rows = (0..<40).map { "r\($0),\($0 / 2 % 3 == 0 ? 1 : 0),p\($0 / 2),\(fold($0))" }
        let folder = try TemporaryFolder()
        for row in 0..<40 { try folder.write("", to: "r\(row)") }
        let table = "path,label,patient,fold\n" + rows.joined(separator: "\n")
        return try Cohort(csv: Array(table.utf8), folder: folder.path)
    }

    private func parts(_ cohort: Cohort, fold: Int?) throws -> CohortParts {
        var plan = TrainingPlan()
        plan.testFold = fold
        return try CohortParts(of: cohort, plan: plan)
    }

    @Test func aFoldThatSharesPatientsIsRefused() throws {
        let leaking = try cohort { $0 % 2 }
        let error = #expect(throws: TrainingError.self) { try parts(leaking, fold: 1) }
        // Each patient's second row is in the other fold, and is named.
        let lines = error?.message.split(separator: "\n") ?? []
        #expect(lines.count == 20)
        #expect(lines[0] == "line 3: the patient of line 2, there in fold 0, is in fold 1 here")
    }

    @Test func aFoldOfWholePatientsIsTheTestPart() throws {
        let sound = try cohort { $0 / 2 % 4 }
        let parts = try parts(sound, fold: 2)
        #expect(parts.split.test.count == 10)
        #expect(parts.description.contains("fold 2"))
    }

    @Test func aFoldThatIsNotThereIsNamedInWords() throws {
        let sound = try cohort { $0 / 2 % 4 }
        let error = #expect(throws: TrainingError.self) { try parts(sound, fold: 9) }
        #expect(error?.message.contains("no record is in fold 9") == true)
    }
}

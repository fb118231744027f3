import Foundation
import Scoring
import TestSupport
import Testing
import Training

@Suite struct ModelCardTests {
    private var manifest: Manifest {
        get throws {
            try JSONDecoder().decode(
                Manifest.self, from: Data(Repository.bytes("Bundles/demonstration/manifest.json")))
        }
    }

    /// The statement has 27 items, some in parts, 52 in all.
    private static let items =
        [
            "1", "2", "3a", "3b", "3c", "4", "5a", "5b", "6a", "6b", "6c", "7", "8a", "8b", "8c", "9a", "9b",
            "9c",
        ]
        + ["10", "11", "12a", "12b", "12c", "12d", "12e", "12f", "12g", "13", "14", "15", "16", "17", "18a"]
        + [
            "18b", "18c", "18d", "18e", "18f", "19", "20a", "20b", "20c", "21", "22", "23a", "23b", "24",
            "25",
        ]
        + ["26", "27a", "27b", "27c"]

    /// Numbers of the items in the card's table, and of those that it leaves to the site.
    private func reported(_ card: String) throws -> (answered: [String], open: [String]) {
        let section = try #require(
            card.components(separatedBy: "## TRIPOD+AI").last?.components(separatedBy: "\n## ").first)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        let answered = rows.map { String($0.dropFirst(2).prefix { $0 != " " }) }
        let line = try #require(section.split(separator: "\n").first { $0.hasPrefix("Not answered here") })
        let list = try #require(line.components(separatedBy: "add: ").last)
        return (answered, list.components(separatedBy: "; ").map { String($0.prefix { $0 != " " }) })
    }

    @Test func answersEveryItemOrLeavesItToTheSite() throws {
        try #require(Self.items.count == 52)
        let (answered, open) = try reported(ModelCard(manifest: manifest).text)
        #expect((answered + open).sorted() == Self.items.sorted())
        #expect(answered == Self.items.filter { answered.contains($0) })
        #expect(open.contains("17") && open.contains("5b") && answered.contains("20b"))
    }

    @Test func answersMoreWhereTheTableSaysMore() throws {
        var manifest = try manifest
        manifest.cohort.parts?[0].months = "2024-03 to 2025-11"
        let dated = ModelCard(manifest: manifest).text
        #expect(try reported(dated).answered.contains("5b"))
        #expect(dated.contains("Months of recording: development 2024-03 to 2025-11."))
        manifest.cohort.parts = nil
        let bare = try reported(ModelCard(manifest: manifest).text)
        #expect(bare.open.contains("20b") && bare.open.contains("6a"))
    }

    @Test func saysWhatLicencesAndWeightsMean() throws {
        var manifest = try manifest
        let seeded = ModelCard(manifest: manifest).text
        #expect(
            seeded.contains("Weights that were never trained") && !seeded.contains("forbid commercial use"))
        manifest.encoders[0].licence = "CC-BY-NC-4.0"
        manifest.encoders[0].flavour = "encoder"
        manifest.encoders[1].flavour = "pretraining"
        let site = ModelCard(manifest: manifest).text
        #expect(site.contains("The weights of st-mem forbid commercial use"))
        #expect(!site.contains("never trained"))
    }

    @Test func quotesTheCommandAsAShellReadsIt() throws {
        var manifest = try manifest
        #expect(!ModelCard(manifest: manifest).text.contains("## Run"))
        manifest.run = .init(
            command: ["firstlead", "train", "--name", "It's north", "--rounds", "5", ""], commit: "abc",
            xgboost: "1.7.4", swift: "6.3", operatingSystem: "Debian", processor: "x86_64")
        let card = ModelCard(manifest: manifest).text
        #expect(card.contains("firstlead train --name 'It'\\''s north' --rounds 5 ''\n"))
        #expect(card.contains("commit abc, XGBoost 1.7.4, built with Swift 6.3, on Debian, x86_64."))
    }

    /// Prior log-odds of a rare condition are negative.
    @Test func writesNegativeNumbers() throws {
        var manifest = try manifest
        manifest.heads[0].calibration = .init(
            method: "logistic", intercept: -0.3381, slope: 1.25, records: 284, folds: 5, prevalence: 0.2,
            sitePrevalence: 0.05)
        let card = ModelCard(manifest: manifest).text
        #expect(card.contains("logistic function of -0.338 + 1.250 x margin"))
        // log(1/19) - log(1/4)
        #expect(card.contains("-1.558 is added to the log-odds"))
    }

    @Test func countsWhomThePartsAreMadeOf() throws {
        let table = """
            path,label,patient,age,sex,site,acquired
            a,1,p1,50,F,north,2025-11-03T10:00:00Z
            b,0,p1,70,M,,2024-03-31
            c,0,p2,,F,south,yesterday
            d,1,p3,99,M,north,2026-01-01
            """
        let folder = try TemporaryFolder()
        for name in ["a", "b", "c", "d"] { try folder.write(name, to: name) }
        let cohort = try Cohort(csv: Array(table.utf8), folder: folder.path)
        let part = cohort.characteristics(of: [0, 1, 2], part: "development")
        #expect(
            part
                == .init(
                    part: "development", records: 3, positives: 1, patients: 2, agesKnown: 2, meanAge: 60,
                    ageDeviation: 200.0.squareRoot(), women: 2, men: 1, sites: 2,
                    months: "2024-03 to 2025-11"))
        let one = cohort.characteristics(of: [2], part: "test")
        #expect(one.meanAge == nil && one.ageDeviation == nil && one.months == nil && one.sites == 1)
    }
}

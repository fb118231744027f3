import Bytes
import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

    @Test func encodersAgainstThePeak() throws {
        let found = try Tool.run("bench", "encoders", "--threads", "1,2", "--rounds", "2", "--json")
        #expect(found.status == 0)
        let rows = try #require(try json(found.output)["encoders"]?.elements)
        #expect(rows.compactMap { $0["encoder"]?.string } == ["st-mem", "ecg-fm", "st-mem", "ecg-fm"])
        #expect(rows.compactMap { $0["threads"]?.integer } == [1, 1, 2, 2])
        for row in rows {
            let time = try #require(row["medianMilliseconds"]?.double)
            let rate = try #require(row["gflops"]?.double)
            let share = try #require(row["shareOfPeak"]?.double)
            let peak = try #require(row["peakGflops"]?.double)
            let operations = try #require(row["operations"]?.integer)
            #expect(row["precision"]?.string == "fp32")
            #expect(time > 0 && abs(Double(operations) / time / 1e6 - rate) < 0.1 + rate * 0.02)
            #expect(peak > 0 && share > 0)
        }
    }

    @Test func aServerWithNothingBehindIt() throws {
        let server = try RunningServer(command: ["bench", "server"])
        let address = server.address
        let alive = try Tool.run("/usr/bin/curl", ["--silent", "\(address)/livez"])
        #expect(alive.output == "ok\n")
        let body = String(repeating: "x", count: 12_345)
        let sunk = try Tool.run("/usr/bin/curl", ["--silent", "--data-binary", body, "\(address)/sink"])
        #expect(try json(sunk.output)["bytes"]?.integer == 12_345)
        #expect(server.stop() == 0)
    }

    @Test func scoringStageByStage() throws {
        let found = try Tool.run("bench", "--threads", "2", "--batch", "1,5", "--rounds", "12", "--json")
        #expect(found.status == 0)
        let runs = try #require(try json(found.output)["scoring"]?.elements)
        #expect(runs.compactMap { $0["batch"]?.integer } == [1, 5])
        #expect(runs.allSatisfy { $0["precision"]?.string == "fp32" })
        // Alone an ECG has both threads; of five there is soon one on each.
        #expect(runs[0]["modes"]?["latency"]?.integer == 12 && runs[0]["modes"]?["throughput"]?.integer == 0)
        let modes = try #require(runs[1]["modes"])
        #expect((modes["latency"]?.integer ?? 0) + (modes["throughput"]?.integer ?? 0) == 12)
        #expect((modes["throughput"]?.integer ?? 0) >= 10)
        #expect((runs[0]["memory"]?["residentMegabytes"]?.double ?? 0) > 1)
        let stages = try #require(runs.first?["stages"]?.elements)
        for stage in stages {
            let isEncoder = stage["stage"]?.string?.hasPrefix("encode/") == true
            #expect((stage["gflops"]?.double != nil) == isEncoder)
            #expect((stage["shareOfPeak"]?.double != nil) == isEncoder)
            #expect(stage["medianMilliseconds"]?.double != nil && stage["p99Milliseconds"]?.double != nil)
        }
        #expect(
            stages.compactMap { $0["stage"]?.string } == [
                "queue", "read", "preprocess/st-mem", "encode/st-mem", "preprocess/ecg-fm", "encode/ecg-fm",
                "heads", "total",
            ])
        let table = try Tool.run("bench", "--rounds", "1")
        #expect(table.status == 0 && table.output.contains("encode/ecg-fm"))
    }

    /// Line by line, as a comparison with other programs drives it.
    @Test func worksOnDemand() throws {
        let script = """
            printf 'st-mem 1 fp32 2\\nnonsense\\nst-mem 1 int4 1\\necg-fm 2 fp32 1\\n' \
            | \(Tool.binary) bench encoders --paced
            """
        let found = try Tool.run("/bin/sh", ["-c", script])
        let lines = try found.output.split(separator: "\n").map { try json(String($0)) }
        #expect(found.status == 0 && lines.count == 5)
        #expect(lines[0]["ready"] != nil)
        #expect(lines[1]["milliseconds"]?.elements?.count == 2)
        #expect(lines[1]["embedding"]?.elements?.count == 128)
        #expect(lines[2]["error"] != nil && lines[3]["error"] != nil)
        #expect(lines[4]["encoder"]?.string == "ecg-fm" && lines[4]["threads"]?.integer == 2)
    }

    @Test func encodersWithIntegers() throws {
        let found = try Tool.run(
            "bench", "encoders", "--threads", "1", "--rounds", "1", "--precision", "fp32,int16", "--json")
        #expect(found.status == 0)
        let rows = try #require(try json(found.output)["encoders"]?.elements)
        #expect(rows.compactMap { $0["precision"]?.string } == ["fp32", "fp32", "int16", "int16"])
        let script = "echo 'st-mem 1 int16 1' | \(Tool.binary) bench encoders --paced"
        let paced = try Tool.run("/bin/sh", ["-c", script]).output.split(separator: "\n")
        let answer = try json(String(paced.last ?? ""))
        #expect(answer["precision"]?.string == "int16")
    }

    /// Four records of the cohort with both arithmetics.
    @Test func reportsWhatIntegersCost() throws {
        let whole = try String(contentsOfFile: Repository.path("Demonstration/cohort.csv"), encoding: .utf8)
        let ecgs = Repository.path("Demonstration/ecg")
        let rows = whole.split(separator: "\n")
        // The cohort's head, two records of each label.
        let chosen = ["0", "1"].flatMap { label in rows.filter { $0.contains(".zip,\(label),") }.prefix(2) }
        let lines = (rows.prefix(1) + chosen).map { $0.replacingOccurrences(of: "ecg/", with: ecgs + "/") }
        let folder = try Repository.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let cohort = folder + "/cohort.csv"
        try lines.joined(separator: "\n").write(toFile: cohort, atomically: true, encoding: .utf8)
        let bundle = Repository.path("Bundles/demonstration")
        let found = try Tool.run("bench", "--precision-report", bundle, cohort, "--json")
        #expect(found.status == 0)
        let report = try #require(try json(found.output)["precisionReport"])
        #expect(report["ecgs"]?.integer == 4)
        let encoders = try #require(report["encoders"]?.elements)
        #expect(encoders.compactMap { $0["encoder"]?.string } == ["st-mem", "ecg-fm"])
        for encoder in encoders {
            let largest = try #require(encoder["largestCosineDistance"]?.double)
            #expect(largest > 0 && largest < 1e-7)
        }
        let heads = try #require(report["heads"]?.elements)
        #expect(heads.compactMap { $0["model"]?.string } == ["fusion-xgb", "st-mem-xgb", "ecg-fm-xgb"])
        for head in heads {
            // The records are of the development part; what int16 does to another is of the size of its error.
            #expect((0...4).contains(try #require(head["onThreshold"]?.integer)))
            let elsewhere = try #require(head["largestDifferenceElsewhere"]?.double)
            #expect(elsewhere <= 0.01 && elsewhere <= head["largestDifference"]?.double ?? 0)
        }
        let table = try Tool.run("bench", "--precision-report", bundle, cohort)
        #expect(table.status == 0 && table.output.contains("4 ECGs with int16 against fp32"))
        #expect(try Tool.run("bench", "--precision-report", bundle).status == 64)
    }

    @Test func refusesWhatItCannotDo() throws {
        #expect(try Tool.run("bench", "encoders", "--precision", "int4").status == 64)
        #expect(try Tool.run("bench", "encoders", "--threads", "0").status == 64)
        #expect(try Tool.run("bench", "--bundle", "/nonexistent").status == 78)
        #expect(try Tool.run("bench", "/nonexistent.csv").status == 66)
    }
}

import Bytes
import Foundation
import TestSupport
import Testing

/// Samples as `firstlead inspect --output` writes them.
@Suite struct InspectTests {
    private static let formats = "Tests/ECGFormatsTests/Fixtures"

    /// Names of the WFDB records with an oracle.
    static let records = TemporaryFolder.files(below: Repository.path(formats + "/wfdb/valid"))
        .filter { $0.hasSuffix(".hea") }

    private func oracle(_ path: String) throws -> NumpyArray {
        let packed = try Repository.bytes(path)
        return try NumpyArray(Inflate.inflate(packed[...], as: .gzip, limits: .init(bytes: 1 << 24)))
    }

    /// Runs `inspect --output` and gives `[12, samples]`.
    private func samples(_ file: String, _ options: [String] = []) throws -> NumpyArray {
        let folder = try TemporaryFolder()
        let outcome = try Tool.run(
            Tool.binary, ["inspect", file, "--output", folder.path("x.npy")] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let bytes = try folder.bytes("x.npy")
        #expect(String(decoding: bytes[10..<128], as: UTF8.self).contains("'descr': '<f4'"))
        return try NumpyArray(bytes)
    }

    private func compare(_ found: NumpyArray, _ expected: NumpyArray, tolerance: Double) throws {
        try #require(found.shape == expected.shape)
        let differences = zip(found.values, expected.values).map { abs($0 - $1) }
        // NaN is larger than any tolerance.
        #expect(differences.allSatisfy { $0 <= tolerance }, "\(differences.max() ?? .nan)")
    }

    @Test func findsTheRecords() { #expect(Self.records.count >= 6) }

    @Test(arguments: records) func writesMillivoltsOfAWFDBRecord(record: String) throws {
        let path = "\(Self.formats)/wfdb/valid/\(record.dropLast(4))"
        let fixture = try JSONValue.parse(Repository.bytes(path + ".case.json"))
        #expect(fixture["leads"]?.strings == ECGText.leads)
        let tolerance = try #require(fixture["tolerance"]?.double)
        try compare(samples(path + ".hea"), oracle(path + ".npy.gz"), tolerance: tolerance)
    }

    @Test func putsLeadsInStandardOrderAndMarksMissingSamples() throws {
        let folder = try TemporaryFolder()
        // Each lead has its own level; the limb leads obey Einthoven's law.
        let levels: [Float] = [0.5, 0.75, 0.25, -0.625, 0.125, 0.5, 1.5, -0.25, 0.375, 1, 1.25, 2]
        var signals = zip(ECGText.leads, levels).map {
            (lead: $0, millivolts: [Float](repeating: $1, count: 5_000))
        }
        signals[7].millivolts[4_321] = .nan
        try folder.write(ECGText.json(signals.reversed(), sampleRate: 500), to: "a.json")
        let array = try samples(folder.path("a.json"))
        try #require(array.shape == [12, 5_000])
        for (row, signal) in signals.enumerated() {
            #expect(
                zip(array[row], signal.millivolts).allSatisfy { $0 == Double($1) || $0.isNaN && $1.isNaN })
        }
        let answer = try Tool.run("inspect", folder.path("a.json"), "--json")
        #expect(answer.status == 0)
        #expect(try answer.document[path: "0/scorable"]?.bool == false)
        #expect(try answer.document[path: "0/leads/7/missingSamples"]?.double == 1)
    }

    @Test func derivesTheLeadsThatAFileDoesNotStore() throws {
        let file = "Demonstration/ecg/ptbxl00173.zip"
        let array = try samples(file)
        try #require(array.shape == [12, 5_000])
        let (one, two) = (Array(array[0]), Array(array[1]))
        #expect(one.contains { abs($0) > 0.05 })
        for sample in one.indices {
            let derived = [
                two[sample] - one[sample], -(one[sample] + two[sample]) / 2, one[sample] - two[sample] / 2,
                two[sample] - one[sample] / 2,
            ]
            for (row, expected) in derived.enumerated() {
                try #require(abs((array[2 + row, sample].first ?? .nan) - expected) < 1e-6)
            }
        }
        let answer = try Tool.run("inspect", file, "--json")
        let document = try answer.document
        #expect(document[path: "0/schema"]?.string == "firstlead/inspection/1")
        #expect(document[path: "0/scorable"]?.bool == true)
        #expect(document[path: "0/problems"]?.elements?.isEmpty == true)
        #expect(document[path: "0/input/leadsDerived"]?.strings == ["III", "aVR", "aVL", "aVF"])
        #expect(document[path: "0/leads"]?.elements?.compactMap { $0["lead"]?.string } == ECGText.leads)
        let highest = try #require(document[path: "0/leads/1/maximumMillivolts"]?.double)
        #expect(abs(highest - (two.max() ?? .nan)) < 1e-6)
    }

    @Test func drawsOnPaperFromWhereItIsTold() throws {
        let folder = try TemporaryFolder()
        let file = "Demonstration/ecg/ptbxl00173.zip"
        let whole = try Tool.run("inspect", file, "--svg", folder.path("a.svg"))
        #expect(whole.status == 0)
        let picture = try Tool.text(folder.path("a.svg"))
        #expect(picture.hasPrefix("<svg ") && picture.contains("seconds 0 to 10 of 10"))
        let late = try Tool.run("inspect", file, "--svg", folder.path("b.svg"), "--start", "7.5")
        #expect(late.status == 0)
        #expect(try Tool.text(folder.path("b.svg")).contains("seconds 7.5 to 10 of 10"))
        let beyond = try Tool.run("inspect", file, "--svg", folder.path("c.svg"), "--start", "10")
        #expect(beyond.status != 0 && beyond.errors.contains("ends after 10.0 s"))
    }

    @Test func takesWhatATableDoesNotState() throws {
        let file = "\(Self.formats)/csv/valid/muse_export_mv.csv"
        for (options, code) in [
            ([], "unit-missing"), (["--units", "mV"], "sample-rate-missing"),
            (["--sample-rate", "500"], "unit-missing"),
        ] {
            let outcome = try Tool.run(Tool.binary, ["inspect", file] + options)
            #expect(outcome.status == 65)
            #expect(outcome.errors.contains("[\(code)]"), "\(options): \(outcome.errors)")
        }
        let stated = ["--sample-rate", "500", "--units", "mV"]
        try compare(samples(file, stated), oracle(file + ".npy.gz"), tolerance: 5e-6)
        // Another unit is another voltage; another rate another duration.
        let microvolts = try samples(file, ["--sample-rate", "500", "--units", "uV"])
        let expected = try oracle(file + ".npy.gz")
        #expect(abs(microvolts.values[0] * 1_000 - expected.values[0]) < 5e-6)
        let slow = try Tool.run("inspect", file, "--units", "mV", "--sample-rate", "250", "--json")
        #expect(try slow.document[path: "0/input/durationSeconds"]?.double == 20)
    }

    @Test func takesLeadNamesForATableWithoutHeader() throws {
        let file = "\(Self.formats)/csv/valid/int_uv_noheader.tsv"
        let stated = ["--sample-rate", "500", "--units", "uV"]
        #expect(try Tool.run(Tool.binary, ["inspect", file] + stated).status == 65)
        let leads = stated + ["--leads", ECGText.leads.joined(separator: ",")]
        try compare(samples(file, leads), oracle(file + ".npy.gz"), tolerance: 1e-6)
    }

    @Test func refusesAStatedRateThatContradictsTheFile() throws {
        let file = "\(Self.formats)/csv/valid/time_s_mv.csv"
        let outcome = try Tool.run("inspect", file, "--units", "mV", "--sample-rate", "400")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("400"))
    }

    @Test func writesSamplesOfOneFileOnly() throws {
        let folder = try TemporaryFolder()
        let file = "Demonstration/ecg/ptbxl00173.zip"
        let outcome = try Tool.run("inspect", file, file, "--output", folder.path("x.npy"))
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--output"))
        #expect(folder.files.isEmpty)
    }

    @Test func saysThatItCannotWriteTheSamples() throws {
        let outcome = try Tool.run(
            "inspect", "Demonstration/ecg/ptbxl00173.zip", "--output", "/proc/no/x.npy")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("/proc/no/x.npy"))
    }
}

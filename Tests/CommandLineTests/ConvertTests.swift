import Bytes
import Foundation
import TestSupport
import Testing

@Suite struct ConvertTests {
    private static let example = "Demonstration/ecg/ptbxl00173.zip"

    private func samples(_ file: String) throws -> NumpyArray {
        let folder = try TemporaryFolder()
        let outcome = try Tool.run("inspect", file, "--output", folder.path("x.npy"))
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try NumpyArray(folder.bytes("x.npy"))
    }

    @Test(arguments: [
        ("wfdb", "a.hea", 0.000_251), ("csv", "a.csv", 0), ("json", "a.json", 0),
        ("dicom", "a.dcm", 0.000_251),
        ("aecg", "a.xml", 0.000_251), ("fhir", "b.json", 0.000_251),
    ]) func whatIsWrittenIsReadAgain(format: String, name: String, tolerance: Double) throws {
        let folder = try TemporaryFolder()
        let outcome = try Tool.run("convert", Self.example, "--to", format, folder.path(name))
        try #require(outcome.status == 0, "\(outcome.errors)")
        #expect(folder.files.sorted() == (format == "wfdb" ? ["a.dat", "a.hea"] : [name]))
        let (found, expected) = (try samples(folder.path(name)), try samples(Self.example))
        try #require(found.shape == expected.shape)
        #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) <= tolerance })
        let stated = try Tool.run("inspect", folder.path(name), "--format", format, "--json")
        #expect(try stated.document[path: "0/input/format"]?.string == format)
    }

    @Test func leavesTheTimeOutOnRequest() throws {
        let folder = try TemporaryFolder()
        let source = "Tests/ECGFormatsTests/Fixtures/aecg/valid/hl7_example_aecg.xml"
        let with = try Tool.run("convert", source, "--to", "json", folder.path("a.json"))
        let without = try Tool.run("convert", source, "--to", "json", folder.path("b.json"), "--drop-time")
        #expect(with.status == 0 && without.status == 0)
        #expect(try Tool.text(folder.path("a.json")).contains("2002-11-22T09:10:00"))
        #expect(try !Tool.text(folder.path("b.json")).contains("Time"))
    }

    @Test func refusesWhatItCannotWriteOrRead() throws {
        let folder = try TemporaryFolder()
        let unknown = try Tool.run("convert", Self.example, "--to", "pdf", folder.path("x"))
        #expect(unknown.status == 64 && unknown.errors.contains("wfdb, csv, json, dicom, aecg, fhir"))
        let name = try Tool.run("convert", Self.example, "--to", "wfdb", folder.path("a b.hea"))
        #expect(name.status == 65 && name.errors.contains("'a b'"))
        let other = try Tool.run("convert", Self.example, "--format", "scp", "--to", "csv", folder.path("x"))
        #expect(other.status == 65 && other.errors.contains("[format-conflict]"))
        let nowhere = try Tool.run("convert", Self.example, "--to", "csv", "/proc/no/x.csv")
        #expect(nowhere.status == 74)
        #expect(folder.files.isEmpty)
    }
}

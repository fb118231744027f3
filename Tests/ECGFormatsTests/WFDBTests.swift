import Bytes
import ECG
import ECGFormats
import TestSupport
import Testing

@Suite struct WFDBDecoderTests {
    /// Digital values by wfdb-python of files that hold every encoding.
    @Test(arguments: ["binformats", "310derive_2", "311derive_2"]) func decodesEveryEncoding(
        name: String
    ) throws {
        let header = try WFDBHeader(FixtureCase.bytes(at: "wfdb/lowlevel/\(name).hea"))
        let files = try Set(header.signals.map(\.fileName)).map {
            UploadPart(name: $0, mediaType: nil, bytes: try FixtureCase.bytes(at: "wfdb/lowlevel/\($0)"))
        }
        let samples = try WFDBSamples(header, files: files)
        let oracle = try NumpyArray(FixtureCase.bytes(at: "wfdb/lowlevel/\(name).digital.npy"))
        #expect(samples.values.count == oracle.shape[1])
        for (signal, values) in samples.values.enumerated() {
            #expect(values.count == oracle.shape[0])
            let expected = (0..<values.count).flatMap { oracle[$0, signal] }
            #expect(
                values.numbers.map { Double($0) } == expected,
                "format \(header.signals[signal].storage.format)")
        }
    }

    @Test(arguments: WFDBEncoding.allCases) func countsBytesAndSamplesAlike(encoding: WFDBEncoding) {
        for count in 0..<40 {
            let bytes = encoding.byteCount(of: count)
            #expect(encoding.sampleCount(of: bytes) >= count)
            #expect(encoding.byteCount(of: encoding.sampleCount(of: bytes)) == bytes)
            if bytes > 0 { #expect(encoding.sampleCount(of: bytes - 1) < count) }
            let decoded = encoding.decode([UInt8](repeating: 0xFF, count: bytes)[...], count: count)
            #expect(decoded.count == count)
        }
    }
}

/// A record of twelve leads in format 16 with `frames` samples each; `edit` changes the header's text.
private func record(
    frames: Int = 20, checksum: Int? = nil, samples: [Int16]? = nil, _ edit: (String) -> String = { $0 }
) throws(FormatError) -> Recording {
    let values = samples ?? (0..<frames * 12).map { Int16($0 % 50) }
    var lines = ["r1 12 500 \(frames)"]
    for (index, lead) in Lead.allCases.enumerated() {
        let sum = stride(from: index, to: values.count, by: 12).reduce(0) { $0 + Int(values[$1]) }
        lines.append("r1.dat 16 1000(0)/mV 16 0 \(values[index]) \(checksum ?? sum) 0 \(lead.rawValue)")
    }
    let bytes = values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    let header = Array(edit(lines.joined(separator: "\n") + "\n").utf8)
    let upload = try Upload(files: [("r1.hea", header), ("r1.dat", bytes)])
    return try FormatRegistry.read(upload, options: ReadOptions()).recording
}

private func code(_ body: () throws(FormatError) -> Recording) -> String {
    do {
        _ = try body()
        return "read"
    } catch { return error.code.rawValue }
}

@Suite struct WFDBReaderTests {
    @Test func readsWhatTheHeaderLeavesOut() throws {
        let plain = try record()
        #expect(plain.sampleCount == 20)
        #expect(plain[.II].first == 0.001)
        // No units: millivolts. No number of samples: all of them. Comments and blank lines: nothing.
        let bare = try record { text in
            "# a comment\n\n"
                + text.replacing("/mV", with: "").replacing("r1 12 500 20", with: "r1 12 500/500(0)")
        }
        #expect(bare == plain)
        #expect(try record { $0.replacing("\n", with: "\r\n") } == plain)
        var timed = try record { $0.replacing("500 20", with: "500 20 9:08:07.5 31/12/1999") }
        #expect(timed.localStartTime == "1999-12-31T09:08:07")
        timed.localStartTime = nil
        #expect(timed == plain)
        #expect(try record { $0.replacing("500 20", with: "500 20 10:00:00 40/01/2000") } == plain)
        #expect(try record { $0.replacing("16 1000", with: "16x1:0+0 1000") } == plain)
        #expect(try record { $0.replacing("r1.dat", with: "R1.DAT") } == plain)
    }

    @Test func scalesByGainBaselineAndUnit() throws {
        let volts = try record { $0.replacing("1000(0)/mV", with: "400(-8)/uV") }
        #expect(volts[.II].first == Float(Double(1 + 8) / 400 / 1_000))
        // Without a baseline the ADC zero takes its place.
        let zero = try record { $0.replacing("1000(0)/mV 16 0", with: "1000/mV 16 -8") }
        #expect(zero[.II].first == 0.009)
    }

    @Test func marksMissingSamples() throws {
        var samples = [Int16](repeating: 5, count: 240)
        samples[12 * 3 + 7] = .min
        let recording = try record(samples: samples)
        #expect(recording[.V2].map(\.isNaN) == (0..<20).map { $0 == 3 })
        #expect(recording[.V1].allSatisfy { $0 == 0.005 })
    }

    @Test func refusesEachDefect() {
        let defects: [(String, (String) -> String)] = [
            ("malformed", { $0.replacing("r1 12", with: "r1/2 12") }),
            ("limit-exceeded", { $0.replacing("r1 12", with: "r1/20000 12") }),
            ("truncated", { $0.replacing("dat 16 ", with: "dat 16x2 ") }),
            ("limit-exceeded", { $0.replacing("dat 16 ", with: "dat 16x2000 ") }),
            ("limit-exceeded", { $0.replacing("dat 16 ", with: "dat 16:999999 ") }),
            ("unsupported-encoding", { $0.replacing("r1.dat", with: "~") }),
            ("lead-names-missing", { $0.replacing(/\ (I+|a?V[1-6RLF])\n/, with: "\n") }),
            ("unsupported-encoding", { $0.replacing("dat 16 ", with: "dat 17 ") }),
            ("unsafe-name", { $0.replacing("r1.dat", with: "../r1.dat") }),
            ("missing-part", { $0.replacing("r1.dat", with: "r2.dat") }),
            ("unit-missing", { $0.replacing("1000(0)/mV", with: "0") }),
            ("unit-missing", { $0.replacing(/\ 1000\(0\).*/, with: "") }),
            ("unit-unknown", { $0.replacing("/mV", with: "/mmHg") }),
            ("malformed", { $0.replacing("/mV", with: "/") }),
            ("malformed", { $0.replacing("1000(0)", with: "nan(0)") }),
            ("malformed", { $0.replacing("1000(0)", with: "1000(x)") }),
            ("malformed", { $0.replacing("1000(0)", with: "1000(99999999999)") }),
            ("malformed", { $0.replacing("500 20", with: "500 -1") }),
            ("malformed", { $0.replacing("12 500", with: "12 fast") }),
            ("limit-exceeded", { $0.replacing("500 20", with: "500 600001") }),
            ("limit-exceeded", { $0.replacing("r1 12", with: "r1 65") }),
            ("truncated", { $0.replacing("r1 12", with: "r1 13") }),
            ("truncated", { $0.replacing("500 20", with: "500 21") }),
            ("truncated", { $0.replacing("dat 16 ", with: "dat 16+999999999 ") }),
            ("sample-rate-missing", { $0.replacing(" 500 20", with: "") }),
            ("recording", { $0.replacing("500 20", with: "0 20") }),
            ("recording", { $0.replacing(" aVR", with: " V6") }),
            ("recording", { $0.replacing("1000(0)", with: "1e-9(0)") }),
            ("checksum-mismatch", { $0.replacing(" 16 0 1 ", with: " 16 0 1 7") }),
        ]
        for (expected, edit) in defects {
            #expect(code { () throws(FormatError) in try record(edit) } == expected)
        }
        #expect(code { () throws(FormatError) in try record(checksum: 1) } == "checksum-mismatch")
    }

    @Test func namesTheFilesThatACommandLineMustCollect() throws {
        let header = try FixtureCase.bytes(at: "wfdb/valid/ptbxl_multidat_uV.hea")
        #expect(
            try WFDBHeader.fileNames(of: header) == (0..<12).map { "ptbxl_multidat_uV_\($0).dat" })
        #expect(throws: FormatError.self) { try WFDBHeader.fileNames(of: []) }
    }

    @Test func refusesTwoRecords() throws {
        let header = try FixtureCase.bytes(at: "wfdb/valid/00001_hr.hea")
        let upload = try Upload(files: [("a.hea", header), ("b.hea", header)])
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(upload, options: ReadOptions())
        }
        #expect(error?.code == .ambiguousUpload)
    }
}

import Bytes
import ECG
import ECGFormats
import Foundation
import Testing

/// Every format that is written, read back by the reader of the same format.
@Suite struct WriterTests {
    static let identifiers = FormatRegistry.writers.map { $0.format.id }

    /// 2.5 s at 500 Hz; lead I reaches the ends of the range of half a microvolt a step.
    private static func recording(
        hertz: Double = 500, samples: Int = 1_250, largest: Float = 16, gap: Int? = nil
    ) throws -> Recording {
        var state: UInt64 = 11
        let signals = Lead.allCases.map { lead -> (name: String, millivolts: [Float]) in
            let values = (0..<samples).map { sample -> Float in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                if sample == 3, lead == .I { return -largest }
                if sample == gap, lead == .V3 { return .nan }
                return Float(Int64(state >> 40) % 4_001 - 2_000) / 733
            }
            return (lead.rawValue, values)
        }
        var recording = try Recording(
            signals: signals, sampleRate: SampleRate(hertz: hertz), startTime: "2024-02-29T23:59:59Z",
            device: Device(manufacturer: "A & B", model: "<Model> \"1\"", softwareVersion: "5.3"),
            filters: AppliedFilters(highPassHertz: 0.05, lowPassHertz: 150, notchHertz: 50))
        recording.localStartTime = nil
        return recording
    }

    private static func readBack(_ recording: Recording, _ id: String) throws -> DecodedECG {
        let writer = try #require(FormatRegistry.writers.first { $0.format.id == id })
        let files = try writer.files(of: recording, name: "record_1")
        return try FormatRegistry.read(
            Upload(files: files.map { ($0.name, $0.bytes) }), options: ReadOptions())
    }

    private static func worst(_ one: Recording, _ other: Recording) -> Float {
        zip(one.millivolts, other.millivolts).reduce(0) { worst, pair in
            if pair.0.isNaN && pair.1.isNaN { return worst }
            let difference = abs(pair.0 - pair.1)
            return difference.isNaN ? .infinity : max(worst, difference)
        }
    }

    @Test(arguments: identifiers) func readsBackWhatIsWritten(id: String) throws {
        let recording = try Self.recording()
        let decoded = try Self.readBack(recording, id)
        #expect(decoded.format.id == id)
        #expect(decoded.recording.sampleRate == recording.sampleRate)
        #expect(decoded.recording.leadsReceived == Lead.allCases)
        // Text of shortest decimals is exact; half a step of half a microvolt, and Float's rounding, else.
        let tolerance: Float = ["csv", "json"].contains(id) ? 0 : 0.000_251
        #expect(Self.worst(decoded.recording, recording) <= tolerance)
        #expect(decoded.notes == [])
    }

    @Test(arguments: identifiers) func takesACoarserStepForLargerVoltages(id: String) throws {
        let recording = try Self.recording(largest: 9_999)
        let decoded = try Self.readBack(recording, id)
        let tolerance: Float = ["csv", "json"].contains(id) ? 0 : 0.251
        #expect(Self.worst(decoded.recording, recording) <= tolerance)
    }

    @Test(arguments: identifiers, [250, 360, 499.9, 1_000]) func keepsTheRate(id: String, hertz: Double)
        throws
    {
        let decoded = try Self.readBack(Self.recording(hertz: hertz), id)
        #expect(abs(decoded.recording.sampleRate.hertz - hertz) <= 1e-6)
    }

    @Test(arguments: identifiers) func keepsGapsOrRefusesThem(id: String) throws {
        let recording = try Self.recording(gap: 700)
        guard id != "aecg" else {
            #expect(throws: WritingError.missingSample(.V3, sample: 700, format: "HL7 aECG")) {
                try Self.readBack(recording, id)
            }
            return
        }
        let decoded = try Self.readBack(recording, id)
        #expect(decoded.recording[.V3].dropFirst(700).first?.isNaN == true)
        #expect(decoded.recording.millivolts.count(where: \.isNaN) == 1)
    }

    @Test(arguments: ["aecg", "dicom", "json"]) func keepsDeviceFiltersAndTime(id: String) throws {
        var recording = try Self.recording()
        var decoded = try Self.readBack(recording, id).recording
        #expect(decoded.device == recording.device)
        #expect(decoded.filters == recording.filters)
        #expect(decoded.startTime == "2024-02-29T23:59:59Z")
        #expect(decoded.localStartTime == nil)
        (recording.startTime, recording.localStartTime) = (nil, "2024-02-29T23:59:59")
        decoded = try Self.readBack(recording, id).recording
        #expect(decoded.startTime == nil)
        #expect(decoded.localStartTime == "2024-02-29T23:59:59")
    }

    @Test(arguments: identifiers) func saysNothingOfATimeThatIsNotKnown(id: String) throws {
        var recording = try Self.recording()
        recording.startTime = nil
        let decoded = try Self.readBack(recording, id).recording
        #expect(decoded.startTime == nil)
        #expect(decoded.localStartTime == nil)
    }

    @Test func keepsTheClockOfAWFDBRecordAndTheDeviceOfAnObservation() throws {
        var recording = try Self.recording()
        (recording.startTime, recording.localStartTime) = (nil, "2024-02-29T03:04:05")
        #expect(try Self.readBack(recording, "wfdb").recording.localStartTime == "2024-02-29T03:04:05")
        #expect(try Self.readBack(recording, "fhir").recording.device?.model == "A & B <Model> \"1\"")
    }

    @Test(arguments: [(100.0, 1_250, "3"), (500, 1_250, "1"), (500, 20_000, "2")])
    func picksTheDICOMObjectThatHoldsRateAndLength(hertz: Double, samples: Int, last: String) throws {
        let recording = try Self.recording(hertz: hertz, samples: samples)
        let file = try #require(DICOMWriter.files(of: recording, name: "x").first)
        let text = String(decoding: file.bytes.prefix(400), as: UTF8.self)
        #expect(text.contains("1.2.840.10008.5.1.4.1.1.9.1." + last))
        let fast = try Self.recording(hertz: 2_000)
        #expect(throws: WritingError.sampleRate(hertz: 2_000, allowed: 50...1_000, format: "DICOM")) {
            try DICOMWriter.files(of: fast, name: "x")
        }
    }

    @Test(arguments: identifiers) func writesTheSameFileOfTheSameRecording(id: String) throws {
        let writer = try #require(FormatRegistry.writers.first { $0.format.id == id })
        #expect(
            try writer.files(of: Self.recording(), name: "a") == writer.files(of: Self.recording(), name: "a")
        )
    }

    private static let recorded = FixtureCase.all(in: "valid").filter { fixture in
        ["aecg_100hz", "maclab_240hz", "sierra_1_03", "report12lead", "muse_export", "sentinels"].contains {
            fixture.testDescription.contains($0)
        }
    }

    /// ECGs of several devices through every writer and back; `Fixtures/check_writers.py` has other people's parsers read
    /// all of them.
    @Test(arguments: recorded) func writesWhatDevicesRecord(fixture: FixtureCase) throws {
        let source = try FormatRegistry.read(fixture.upload(), options: fixture.readOptions()).recording
        let hasGap = source.millivolts.contains(where: \.isNaN)
        for id in Self.identifiers where !(id == "aecg" && hasGap) {
            let decoded = try Self.readBack(source, id).recording
            #expect(Self.worst(decoded, source) <= 0.000_251, "\(id)")
            #expect(abs(decoded.sampleRate.hertz - source.sampleRate.hertz) < 1e-6)
        }
    }
}

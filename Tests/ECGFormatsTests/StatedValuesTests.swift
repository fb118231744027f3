import ECG
import ECGFormats
import Testing

/// Files that do not say their unit, rate or leads: refused naming what is missing, read when the client states it.
@Suite struct StatedValuesTests {
    typealias Edit = @Sendable ([UInt8]) -> [UInt8]

    private func read(
        _ path: String, _ options: ReadOptions, _ edit: ([UInt8]) -> [UInt8]
    ) throws -> Recording {
        let upload = try Upload(body: edit(FixtureCase.bytes(at: path)), mediaType: nil, fileName: "")
        return try FormatRegistry.read(upload, options: options).recording
    }

    private static func replacing(_ old: String, with new: String) -> Edit {
        { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
    }

    /// ISHNE: the resolutions of all leads are 0.
    @Sendable private static func withoutResolution(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes[..<206]) + [UInt8](repeating: 0, count: 24) + Array(bytes[230...])
    }

    /// MFER: the definition is one that nobody reads.
    private static func without(_ tag: UInt8, length: UInt8) -> Edit {
        { bytes in
            var bytes = bytes
            for index in 0x20..<0x60 where bytes[index] == tag && bytes[index + 1] == length {
                bytes[index] = 0x16
                break
            }
            return bytes
        }
    }

    @Test(arguments: [
        ("ishne/valid/holter_p28_0s.ecg", withoutResolution),
        ("mfer/valid/ptbxl_12lead.mwf", without(0x0C, length: 4)),
        ("philips/valid/sierra_1_03_mrx.xml", replacing("signalresolution", with: "resolutionless")),
        ("muse/valid/ptbxl_muse.xml", replacing("LeadAmplitudeUnits>", with: "Leadless>")),
        ("lifepak/valid/ptbxl_ecgrecord.xml", replacing("YValues unit=\"mV\"", with: "YValues")),
    ]) func aFileWithoutUnitNeedsOne(path: String, edit: Edit) throws {
        let error = #expect(throws: FormatError.self) { try read(path, ReadOptions(), edit) }
        #expect(error?.code == .unitMissing, "\(error?.message ?? "")")
        let microvolts = try read(path, ReadOptions(unit: .microvolts), edit)
        let millivolts = try read(path, ReadOptions(unit: .millivolts), edit)
        let pairs = zip(microvolts.millivolts, millivolts.millivolts)
        #expect(
            pairs.allSatisfy {
                $0.0.isNaN && $0.1.isNaN || abs($0.0 * 1_000 - $0.1) <= 1e-3 * max(1, abs($0.1))
            })
        #expect(microvolts.millivolts.contains { $0 != 0 })
    }

    @Test func anMFERFileWithoutIntervalNeedsARate() throws {
        let edit = Self.without(0x0B, length: 4)
        let error = #expect(throws: FormatError.self) {
            try read("mfer/valid/ptbxl_12lead.mwf", ReadOptions(), edit)
        }
        #expect(error?.code == .sampleRateMissing)
        let rate = try SampleRate(hertz: 400)
        let stated = try read("mfer/valid/ptbxl_12lead.mwf", ReadOptions(sampleRate: rate), edit)
        #expect(stated.sampleRate == rate)
        let conflict = #expect(throws: FormatError.self) {
            try read("mfer/valid/ptbxl_12lead.mwf", ReadOptions(sampleRate: rate)) { $0 }
        }
        #expect(conflict?.code == .sampleRateConflict)
    }

    @Test func aPhilipsFileOfAnUnknownAcquisitionNeedsLeads() throws {
        let edit = Self.replacing(">STD-12<", with: ">X-12<")
        let path = "philips/valid/sierra_1_03_mrx.xml"
        let plain = try read(path, ReadOptions()) { $0 }
        let error = #expect(throws: FormatError.self) { try read(path, ReadOptions(), edit) }
        #expect(error?.code == .leadNamesMissing, "\(error?.message ?? "read")")
        let names = Lead.allCases.map(\.rawValue)
        let count = plain.leadsReceived.count
        #expect(try read(path, ReadOptions(leadOrder: Array(names.prefix(count))), edit) == plain)
        let conflict = #expect(throws: FormatError.self) {
            try read(path, ReadOptions(leadOrder: names.reversed())) { $0 }
        }
        #expect(conflict?.code == .leadNamesConflict)
    }

    @Test func aDICOMObjectWithoutSensitivityNeedsAUnit() throws {
        let fixture = try #require(
            FixtureCase.all(in: "invalid").first { $0.testDescription.hasPrefix("sensitivity_missing") })
        let upload = try fixture.upload()
        let error = #expect(throws: FormatError.self) {
            try FormatRegistry.read(upload, options: ReadOptions())
        }
        #expect(error?.code == .unitMissing)
        let stated = try FormatRegistry.read(upload, options: ReadOptions(unit: .microvolts)).recording
        #expect(stated.leadsReceived == Lead.allCases)
        #expect(stated[.II].contains { $0 != 0 })
    }
}

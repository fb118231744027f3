import ECG
import ECGFormats
import Scoring
import TestSupport
import Testing

@Suite struct WarningTests {
    private func body(
        leads: [String] = Lead.allCases.map(\.rawValue), seconds: Int = 10, flat: Set<String> = []
    ) -> [UInt8] {
        let rows = leads.enumerated().map { row, lead in
            let values = (0..<seconds * 250).map { sample in
                flat.contains(lead) ? "0.5" : "\(Double((sample * (row + 3)) % 97) / 97)"
            }
            return "\"\(lead)\":[\(values.joined(separator: ","))]"
        }
        return Array("{\"sampleRate\":250,\"units\":\"mV\",\"leads\":{\(rows.joined(separator: ","))}}".utf8)
    }

    private func inspect(_ body: [UInt8]) throws -> Inspection {
        try Inspection(of: SubmittedECG(body: body, mediaType: nil), options: ReadOptions())
    }

    @Test func saysWhichLeadsWereDerivedIgnoredAndFlat() throws {
        let leads = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6", "V4R"]
        let warnings = try inspect(body(leads: leads, flat: ["V6"])).warnings
        #expect(warnings.map(\.code) == ["LEADS_DERIVED", "LEADS_IGNORED", "LEADS_FLAT"])
        #expect(warnings[0].message.contains("III, aVR, aVL, aVF"))
        #expect(warnings[1].message.contains("V4R"))
        #expect(warnings[2].message.contains("V6"))
    }

    @Test func saysThatLimbLeadsDisagree() throws {
        let inspection = try inspect(body())
        #expect(inspection.warnings.contains { $0.code == "LIMB_LEADS_INCONSISTENT" })
        #expect(inspection.input.residual?.isConsistent == false)
        #expect(inspection.problem == nil)
    }

    @Test func scoresTheFirstTenSecondsOfALongRecordingAndSaysSo() throws {
        let long = try inspect(body(seconds: 30))
        #expect(long.input.durationSeconds == 30)
        #expect(long.input.analysedSeconds == 10)
        #expect(long.warnings.contains { $0.code == "RECORDING_CUT" })
        let usual = try inspect(body(seconds: 12))
        #expect(usual.input.analysedSeconds == 12)
        #expect(!usual.warnings.contains { $0.code == "RECORDING_CUT" })
    }

    @Test func namesAnECGOfSeveralFilesByItsFilesAndNotByTheEnvelope() throws {
        let folder = "Tests/ECGFormatsTests/Fixtures/wfdb/valid"
        let header = try Repository.bytes("\(folder)/ptbxl_fmt212.hea")
        let signals = try Repository.bytes("\(folder)/ptbxl_fmt212.dat")
        let files = [(name: "ptbxl_fmt212.hea", bytes: header), (name: "ptbxl_fmt212.dat", bytes: signals)]
        let one = try SubmittedECG(files: files)
        let other = try SubmittedECG(files: files.reversed())
        #expect(one.digest == other.digest)
        #expect(one.byteCount == header.count + signals.count)
    }
}

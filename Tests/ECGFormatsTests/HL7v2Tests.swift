import ECG
import ECGFormats
import Foundation
import Testing

@Suite struct HL7v2Tests {
    private static let header = "FHS|^~\\&|HUB|EMS\rBHS|^~\\&|HUB|EMS\r"

    private func message() throws -> String {
        String(decoding: try FixtureCase.bytes(at: "hl7v2/valid/oru_r01_na_mdc.hl7"), as: UTF8.self)
    }

    private func read(_ text: String) throws(FormatError) -> Recording {
        let upload = try Upload(body: Array(text.utf8), mediaType: nil, fileName: "batch.hl7")
        return try FormatRegistry.read(upload, options: ReadOptions()).recording
    }

    @Test func readsABatchOfOneMessage() throws {
        let message = try message()
        let alone = try read(message)
        let acknowledgement = "MSH|^~\\&|A|B|C|D|2024||ACK|2|P|2.6\rMSA|AA|1\r"
        for batch in [
            Self.header + message + "BTS|1\rFTS|1\r", Self.header + message + "BTS||done\rFTS\r",
            Self.header + message, "BHS|^~\\&\r" + message + "BTS|1\r", message + "FTS|1\r",
            Self.header + acknowledgement + message + "BTS|2\rFTS|1\r",
            "FHS|^~\\&\rBHS|^~\\&\r" + acknowledgement + "BTS|1\rBHS#~!\\&\r" + message + "BTS|1\rFTS|2\r",
            "\u{0B}" + acknowledgement + "\u{1C}\r\u{0B}" + message + "\u{1C}\r",
        ] { #expect(try read(batch) == alone) }
    }

    @Test func refusesSeveralECGsAndWrongCounts() throws {
        let message = try message()
        let cases: [(FormatError.Code, String, String)] = [
            (.ambiguousUpload, Self.header + message + message + "BTS|2\rFTS|1\r", "2 messages, of which 2"),
            (.ambiguousUpload, message + message + message, "3 messages, of which 3"),
            (.malformed, Self.header + message + "BTS|2\rFTS|1\r", "states 2"),
            (.malformed, Self.header + message + "BTS|1\rFTS|2\r", "states 2"),
            (.malformed, Self.header + message + "BTS|one\r", "states one"),
            (.malformed, Self.header + "BTS|0\rFTS|1\r", "no MSH"),
            (.malformed, Self.header + message + "BTS|1\rOBX|1\r", "outside any message"),
            (.malformed, "FHS|", "separators"),
        ]
        for (code, batch, words) in cases {
            let error = #expect(throws: FormatError.self) { try read(batch) }
            #expect(error?.code == code)
            #expect(error?.detail.contains(words) ?? false, "\(error?.detail ?? "")")
        }
    }

    @Test func refusesTwoFilesOfTheSameFormatThatHoldDifferentECGs() throws {
        func carrying(_ files: [[UInt8]]) -> String {
            "MSH|^~\\&|A|B|C|D|20240229||ORU^R01|1|P|2.6\r"
                + files.map { "OBX|1|ED|ECG||A^Application^X^Base64^\(Data($0).base64EncodedString())\r" }
                .joined()
        }
        let first = try FixtureCase.bytes(at: "scp/valid/ptbxl_refbeat.scp")
        let second = try FixtureCase.bytes(at: "scp/valid/ptbxl_bimodal.scp")
        let object = try FixtureCase.bytes(at: "dicom/variants/valid/words.dcm")
        let alone = try read(carrying([first]))
        #expect(try read(carrying([first, first, object])) == alone)
        #expect(try read(carrying([first, Array(second.prefix(2_000))])) == alone)
        let error = #expect(throws: FormatError.self) { try read(carrying([first, second])) }
        #expect(error?.code == .ambiguousUpload)
    }
}

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

    /// Eight leads of three samples as patient monitors send them, each with attributes of its own, beside a pulse wave.
    private func monitor(_ edit: (String) -> String = { $0 }) throws(FormatError) -> Recording {
        var lines = [
            "MSH|^~\\&|MON|EMS|A|H|2026||ORU^R01|1|P|2.6",
            "OBX|1|NA|131330^MDC_PULS_OXIM_PLETH^MDC|1.7.6.1|9^9^9",
            "OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.7.6.1.1|125|264640^MDC_DIM_HZ^MDC",
            "OBX|3|NM|67917^MDC_ATTR_NU_MSMT_RES^MDC|1.7.6.1.2|0.003906|266418^MDC_DIM_PERCENT^MDC",
        ]
        for (index, lead) in Lead.independent.enumerated() {
            let path = "1.7.4.\(index + 1)"
            let step = lead == .I ? "0.02" : "0.005"
            lines += [
                "OBX|1|NA|\(lead == .I ? "131329" : "")^MDC_ECG_ELEC_POTL_\(lead.rawValue)^MDC|\(path)|10^-20^0",
                "OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|\(path).1|256|264640^MDC_DIM_HZ^MDC",
                "OBX|3|NM|67917^MDC_ATTR_NU_MSMT_RES^MDC|\(path).2|\(step)|266418^MDC_DIM_MILLI_VOLT^MDC",
            ]
        }
        return try read(edit(lines.joined(separator: "\r")))
    }

    @Test func givesEveryLeadItsOwnAttributes() throws {
        let recording = try monitor()
        #expect(recording.sampleRate.hertz == 256)
        #expect(Array(recording[.I]) == [0.2, -0.4, 0])
        #expect(Array(recording[.II]) == [0.05, -0.1, 0])
        // Values in the unit of OBX-6, without resolution.
        let physical = try monitor { text in
            text.replacing(/OBX\|3\|NM[^\r]*\|1.7.4[^\r]*/, with: "NTE|")
                .replacing("10^-20^0", with: "0.5^-1^0|266418^MDC_DIM_MILLI_VOLT^MDC")
        }
        #expect(Array(physical[.I]) == [0.5, -1, 0])
        // What a message states without paths applies to all.
        let plain = try monitor { text in
            text.replacing(/\|1\.7\.4\.\d+\|/, with: "||").replacing(/\|1\.7\.4\.\d+\.\d\|/, with: "||")
                .replacing("0.02|", with: "0.005|").replacing(/\|1\.7\.6[.\d]*\|/, with: "|1.7.6.1.1|")
        }
        #expect(Array(plain[.I]) == [0.05, -0.1, 0])
    }

    @Test func refusesAttributesOfOthersAndContradictions() throws {
        let cases: [(FormatError.Code, (String) -> String)] = [
            (.sampleRateMissing, { $0.replacing(/OBX\|2\|NM[^\r]*\|1.7.4[^\r]*/, with: "NTE|") }),
            (.unitMissing, { $0.replacing(/OBX\|3\|NM[^\r]*\|1.7.4[^\r]*/, with: "NTE|") }),
            (.malformed, { $0.replacing("|1.7.4.2.1|256|", with: "|1.7.4.2.1|250|") }),
            (
                .malformed,
                {
                    $0.replacing("|1.7.4.2.1|", with: "|1.7.4.1.3|").replacing(
                        "|1.7.4.1.1|256", with: "|1.7.4.1.1|1")
                }
            ),
            (.malformed, { $0.replacing("131329^", with: "131330^") }),
        ]
        for (code, edit) in cases {
            let error = #expect(throws: FormatError.self) { try monitor(edit) }
            #expect(error?.code == code, "\(error?.message ?? "")")
        }
    }
}

import ECG
import ECGFormats
import Testing

/// Text as programs of other systems than ours write it.
@Suite struct TextEncodingTests {
    private func read(_ bytes: [UInt8], _ options: ReadOptions = ReadOptions()) throws(FormatError)
        -> Recording
    {
        try FormatRegistry.read(Upload(body: bytes, mediaType: nil, fileName: ""), options: options).recording
    }

    private func utf16(_ text: String, isBig: Bool, hasMark: Bool = true) -> [UInt8] {
        ((hasMark ? "\u{FEFF}" : "") + text).utf16.flatMap { unit in
            let bytes = [UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)]
            return isBig ? bytes : bytes.reversed()
        }
    }

    private static let options = ReadOptions(sampleRate: try? SampleRate(hertz: 500), unit: .microvolts)
    private static let table =
        "\tI\tII\tV1\tV2\tV3\tV4\tV5\tV6\r\n1\t2,5\t3\t4\t5\t6\t7\t8\t9\r\n2\t1\t1\t1\t1\t1\t1\t1\t1\r\n"

    @Test(arguments: [true, false]) func readsWhatSpreadsheetsCallUnicodeText(isBig: Bool) throws {
        let plain = try read(Array(Self.table.utf8), Self.options)
        #expect(plain.sampleCount == 2)
        #expect(try read(utf16(Self.table, isBig: isBig), Self.options) == plain)
        // Without a mark the encoding is not guessed.
        let error = #expect(throws: FormatError.self) {
            try read(utf16(Self.table, isBig: isBig, hasMark: false), Self.options)
        }
        #expect(error?.code == .unknownFormat)
        let broken = #expect(throws: FormatError.self) {
            try read(utf16(Self.table.replacing("7", with: "x"), isBig: isBig), Self.options)
        }
        #expect(broken?.place == .line(2, column: 7))
    }

    /// Left out, it would join the digits on both sides to another number.
    @Test(arguments: [0xD83D, 0xDE00] as [UInt16]) func halfAPairIsNotLeftOut(unit: UInt16) throws {
        var bytes = utf16(Self.table.replacing("2,5", with: "2~5"), isBig: true)
        let place = try #require(stride(from: 0, to: bytes.count, by: 2).first { bytes[$0 + 1] == 0x7E })
        (bytes[place], bytes[place + 1]) = (UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit))
        let error = #expect(throws: FormatError.self) { try read(bytes, Self.options) }
        #expect(error?.place == .line(2, column: 2))
    }

    @Test func readsLinesThatEndWithCarriageReturns() throws {
        let plain = try read(Array(Self.table.utf8), Self.options)
        #expect(try read(Array(Self.table.replacing("\r\n", with: "\r").utf8), Self.options) == plain)
        let commented = "# sampleRate: 500\r\r# units: uV\r" + Self.table.replacing("\r\n", with: "\r")
        #expect(try read(Array(commented.utf8)) == plain)
        #expect(try read(utf16(commented, isBig: false)) == plain)
        // Beside line feeds they end nothing.
        let mixed = Self.table.replacing("9\r\n", with: "9\r").utf8
        #expect(throws: FormatError.self) { try read(Array(mixed), Self.options) }
    }

    @Test(arguments: [
        "json/valid/00001_hr.json", "fhir/valid/r4_observation_uv.json", "aecg/valid/aecg_100hz.xml",
    ])
    func readsJSONAndXMLInUTF16(path: String) throws {
        let bytes = try FixtureCase.bytes(at: path)
        let plain = try read(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(try read(utf16(text, isBig: false)) == plain)
        #expect(try read(utf16(text, isBig: true)) == plain)
    }

    @Test func namesTheByteOfAFileInUTF16() throws {
        let text = "{\"device\": \"\u{00C4}\", \"leads\": oops}"
        let error = #expect(throws: FormatError.self) { try read(utf16(text, isBig: true)) }
        let place = text.utf16.prefix { $0 != UInt16(UInt8(ascii: "o")) }.count + 1
        #expect(error?.place == .byteOffset(2 * place))
    }

    @Test func keepsAnECGWhoseTextRefersToControlCharacters() throws {
        let bytes = try FixtureCase.bytes(at: "aecg/valid/aecg_100hz.xml")
        let text = String(decoding: bytes, as: UTF8.self)
        let plain = try read(bytes)
        let root = try #require(text.firstRange(of: "</AnnotatedECG>"))
        func adding(_ word: String) -> [UInt8] {
            Array(
                (text[..<root.lowerBound] + "<note a='\(word)'>\(word)</note>" + text[root.lowerBound...])
                    .utf8)
        }
        for word in ["&#x14;", "&#0;", "A&#1;&#31;B"] { #expect(try read(adding(word)) == plain) }
        for word in ["&#xD800;", "&#x110000;", "&#;", "&nbsp;", "\u{14}"] {
            let error = #expect(throws: FormatError.self) { try read(adding(word)) }
            #expect(error?.code == .malformed, "\(word)")
        }
        // Where it is read, it is no part of a number.
        let digits = try #require(text.firstRange(of: "<digits>"))
        let damaged = text[..<digits.upperBound] + "1&#x14;2 " + text[digits.upperBound...]
        #expect(throws: FormatError.self) { try read(Array(damaged.utf8)) }
    }
}

import Bytes
import Testing

@Suite struct JSONDocumentTests {
    @Test func escapesWhatRFC8259Demands() {
        let text = JSONDocument.text("a\"b\\c/d\ne\r\t\u{0}\u{1F}\u{7F}\u{E9}\u{1F680}").serialised()
        #expect(
            text == #""a\"b\\c/d\ne\u000d\u0009\u0000\u001f"# + "\u{7F}\u{E9}\u{1F680}\"")
    }

    @Test func escapesNamesToo() {
        #expect(JSONDocument.object([.init("a\"\n", .null)]).serialised() == #"{"a\"\n":null}"#)
    }

    @Test func everyControlCharacterComesBack() throws {
        let text = String(String.UnicodeScalarView((0..<0x80).compactMap { Unicode.Scalar(UInt32($0)) }))
        #expect(try JSONValue.parse(JSONDocument.text(text).bytes).string == text)
    }

    @Test func keepsTheOrderOfMembers() throws {
        let names = ["z", "a", "m", "B", "0", "\u{E9}", "aa"]
        let document = JSONDocument.object(names.map { .init($0, .text($0)) })
        #expect(try JSONValue.parse(document.bytes).members?.map(\.key) == names)
    }

    @Test func writesNumbersAsShortAsTheyComeBack() {
        let document: JSONDocument = [
            .integer(.min), .number(0.1), .number(3), .number(-0.0), .number(1e300), .float(0.1),
            .float(16_777_216), .float(1e-10),
        ]
        #expect(
            document.serialised() == "[-9223372036854775808,0.1,3,-0,1e+300,0.1,16777216,1e-10]")
    }

    /// A value written as Float must give the same bits when it is read as Float, a Double as Double.
    @Test func numbersSurviveTheText() throws {
        var state: UInt64 = 1
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let double = Double(bitPattern: state)
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
            if double.isFinite {
                #expect(try JSONValue.parse(JSONDocument.number(double).bytes).double == double)
            }
            if float.isFinite {
                let text = JSONDocument.float(float).serialised()
                #expect(Float(text) == float)
                #expect(try JSONValue.parse(Array(text.utf8)).double != nil)
            }
        }
    }

    @Test func writesNullForWhatIsNoNumber() {
        let document: JSONDocument = [
            .number(.nan), .number(.infinity), .number(-.infinity), .float(.nan), .float(.infinity),
            .rounded(.nan, digits: 2),
        ]
        #expect(document.serialised() == "[null,null,null,null,null,null]")
    }

    @Test func roundsToDecimals() {
        #expect(JSONDocument.rounded(2.0 / 3, digits: 3) == .number(0.667))
        #expect(JSONDocument.rounded(-1.5, digits: 0) == .number(-2))
        #expect(JSONDocument.optional(nil) == .null)
        #expect(JSONDocument.optional("x") == .text("x"))
        #expect(JSONDocument.texts(["a", "b"]) == ["a", "b"])
    }

    private static let sample: JSONDocument = [
        "empty": [], "none": [:], "flat": [1, 2.5, "x", nil, true], "nested": [[1, 2], [:], ["k": false]],
    ]

    @Test func indentsByTwoBlanks() {
        let expected = """
            {
              "empty": [],
              "none": {},
              "flat": [1, 2.5, "x", null, true],
              "nested": [
                [1, 2],
                {},
                {
                  "k": false
                }
              ]
            }
            """
        #expect(Self.sample.serialised(pretty: true) == expected)
        #expect(Self.sample.body == Array(expected.utf8) + [0x0A])
    }

    @Test func bothFormsSayTheSame() throws {
        let value = try JSONValue.parse(Self.sample.bytes)
        #expect(try JSONValue.parse(Array(Self.sample.serialised(pretty: true).utf8)) == value)
        #expect(try JSONValue.parse(Self.sample.body) == value)
        #expect(value["flat"]?.elements == [.number(1), .number(2.5), .string("x"), .null, .bool(true)])
    }
}

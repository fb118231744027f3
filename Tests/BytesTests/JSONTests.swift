import Bytes
import Testing

private func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
}

@Suite struct JSONTests {
    @Test func readsEveryKindOfValue() throws {
        let value = try parse(
            #" {"a": [1, -2.5e1, 0] , "b":{"c":null,"d":[true,false,"x"]},"e":[],"f":"","g":-0.0} "#)
        #expect(value["a"]?.doubles == [1, -25, 0])
        #expect(value["b"]?["c"]?.isNull == true)
        #expect(value["b"]?["d"]?.elements == [.bool(true), .bool(false), .string("x")])
        #expect(value["e"] == .array([]))
        #expect(value["e"]?.doubles == [])
        #expect(value["f"]?.string == "")
        #expect(value["g"]?.double?.sign == .minus)
        #expect(value.members?.map(\.key) == ["a", "b", "e", "f", "g"])
        #expect(value["missing"] == nil)
    }

    @Test func keepsNumbersFlatUntilSomethingElseFollows() throws {
        #expect(try parse("[1,2]") == .numbers([1, 2]))
        #expect(try parse("[1,null,2]") == .array([.number(1), .null, .number(2)]))
        #expect(try parse("[1,[2]]") == .array([.number(1), .numbers([2])]))
        #expect(try parse("[null]").doubles == nil)
        #expect(try parse("[1,2]").elements == [.number(1), .number(2)])
    }

    @Test func readsIntegersOnlyWhenExact() throws {
        #expect(try parse("9007199254740993").integer == 9_007_199_254_740_992)
        #expect(try parse("1e3").integer == 1_000)
        #expect(try parse("1.5").integer == nil)
        #expect(try parse("1e300").integer == nil)
        #expect(try parse("\"1\"").integer == nil)
    }

    @Test(arguments: [
        (#""\u0041\n\t\"\\\/\b\f\r""#, "A\n\t\"\\/\u{8}\u{C}\r"),
        (#""\ud83d\ude80""#, "\u{1F680}"), (#""\uFFFF""#, "\u{FFFF}"), (#""\u0000""#, "\0"),
        ("\"\u{E9}\u{1F680}\"", "\u{E9}\u{1F680}"), (#""a\u00e9b""#, "a\u{E9}b"),
    ])
    func decodesStrings(text: String, expected: String) throws {
        #expect(try parse(text).string == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "tru", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "00", "1.", ".5",
        "1e", "1e+", "1.e1", "0x10", "1 2", "[1,]", "[,1]", "[1 2]", "[", "]", "[1", "{", "}", "{,}",
        "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{1:2}", "\"", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12G4\"", "\"\n\"", "\"\u{1}\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\\ud800x\"", "[1]x", "1\0", "\0", "\u{FEFF}1", "// c\n1", "[1,/**/2]", "\u{C}1", "\u{A0}1",
        "1e400",
        "-1e400", "[1,-]", "[-1e999]", "--1", "1.2.3", "truefalse", "[[]", "{\"a\":1}}",
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test func refusesBrokenUTF8() {
        for bytes: [UInt8] in [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
        ] {
            let text = [0x22] + bytes + [0x22]
            #expect(throws: JSONError.self) { try JSONValue.parse(text) }
            #expect(throws: JSONError.self) { try JSONValue.parse([0x22, 0x5C, 0x6E] + bytes + [0x22]) }
        }
    }

    @Test func saysWhereAndWhatItExpected() {
        #expect(
            throws: JSONError(reason: .syntax, offset: 6, expected: "',' or ']'", found: "'x'")
        ) { try parse("[1, 2 x]") }
        #expect(
            throws: JSONError(
                reason: .truncated, offset: 3, expected: "a value", found: "the end of the text")
        ) { try parse("[1,") }
        #expect(
            throws: JSONError(
                reason: .duplicateKey, offset: 7, expected: "a key that is new in this object",
                found: "one that was there before")
        ) { try parse(#"{"a":1,"\u0061":2}"#) }
    }

    @Test func limitsDepthAndValues() throws {
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(64)) }
        #expect(throws: JSONError.self) { try parse(nested(65)) }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        let few = JSONLimits(values: 3)
        #expect(throws: Never.self) { try parse("[1,2,3,4]", limits: few) }
        #expect(throws: JSONError.self) { try parse("[1,2,3,null]", limits: few) }
        #expect(throws: JSONError.self) { try parse("[[],[],[]]", limits: few) }
        let one = JSONLimits(members: 1)
        #expect(throws: Never.self) { try parse(#"{"a":{}}"#, limits: one) }
        #expect(throws: JSONError.self) { try parse(#"{"a":{"b":1}}"#, limits: one) }
    }

    @Test func findsKeysInLargeObjects() throws {
        let members = (0..<1_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let value = try parse("{\(members)}")
        for key in 0..<1_000 { #expect(value["k\(key)"]?.integer == key) }
        #expect(throws: JSONError.self) { try parse("{\(members),\"k500\":1}") }
    }

    @Test func readsASliceFromItsOwnStart() throws {
        let bytes = Array("xx[1,]".utf8)
        #expect(throws: JSONError(reason: .syntax, offset: 3, expected: "a value", found: "']'")) {
            try JSONValue.parse(bytes[2...])
        }
    }

    @Test func survivesTruncationEverywhere() throws {
        let text = Array(
            #"{"a":[1.5e-3,2,null,{"b":"\u00e9\ud83d\ude80"}],"c":true,"d":-0.25E+2,"e":"\#u{E9}"}"#.utf8)
        #expect(throws: Never.self) { try JSONValue.parse(text) }
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try JSONValue.parse(text[..<length]) }
        }
    }
}

/// A small generator, so that failures repeat.
private struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}

@Suite struct DecimalScannerTests {
    private func scan(
        _ text: String, _ grammar: DecimalScanner.Grammar = .json, mark: Character = "."
    ) -> (value: Double?, consumed: Int) {
        var index = 0
        let value = DecimalScanner.scan(
            Array(text.utf8), at: &index, grammar: grammar, decimalMark: mark.asciiValue ?? 0)
        return (value, index)
    }

    @Test func agreesWithTheStandardLibraryToTheLastBit() throws {
        var random = Random(state: 1)
        for _ in 0..<100_000 {
            let digits = Int.random(in: 1...24, using: &random)
            var text = Bool.random(using: &random) ? "-" : ""
            text += String(Int.random(in: 1...9, using: &random))
            for _ in 1..<max(2, digits) { text += String(Int.random(in: 0...9, using: &random)) }
            if Bool.random(using: &random) {
                text += "."
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    text += String(Int.random(in: 0...9, using: &random))
                }
            }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -330...330, using: &random))" }
            let expected = try #require(Double(text))
            let (value, consumed) = scan(text)
            guard value?.bitPattern == expected.bitPattern, consumed == text.utf8.count else {
                Issue.record("\(text): \(String(describing: value)) instead of \(expected)")
                return
            }
        }
    }

    @Test func roundTripsRandomBitPatterns() throws {
        var random = Random(state: 2)
        for _ in 0..<50_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            let value = scan("\(number)").value
            #expect(value?.bitPattern == number.bitPattern)
        }
    }

    @Test(arguments: [
        "18446744073709551616", "184467440737095516160", "9007199254740993", "9007199254740992",
        "0.000000000000000000000000000000000001", "1e22", "1e23", "123456789012345678901234567890", "5e-324",
        "2.4703282292062327e-324", "1.7976931348623157e308", "0e999999999999", "0.1e-22", "4.35", "2.5e-5",
        "8.98846567431158e307", "-0", "100000000000000000000000", "1.00000000000000011102230246251565",
    ])
    func roundsCorrectlyWhereOneStepIsNotEnough(text: String) {
        #expect(scan(text).value?.bitPattern == Double(text)?.bitPattern)
    }

    @Test func stopsBehindTheNumber() {
        #expect(scan("1.5,").consumed == 3)
        #expect(scan("12e3]").consumed == 4)
        #expect(scan("1,5;", .table, mark: ",").value == 1.5)
        #expect(scan("-1234,5678901234567890123;", .table, mark: ",").value == -1234.5678901234567890123)
        #expect(scan("1.5;", .table, mark: ",").consumed == 1)
    }

    @Test func tablesMayWriteNumbersLoosely() {
        for (text, expected) in [("+1", 1), ("007", 7), (".5", 0.5), ("5.", 5), ("-.5e1", -5)] {
            #expect(scan(text, .table).value == expected)
            #expect(scan(text).value == nil)
        }
        for text in ["", "+", "-", ".", "e1", "-.", "1e", "--1", "x"] {
            #expect(scan(text, .table).value == nil)
        }
    }
}

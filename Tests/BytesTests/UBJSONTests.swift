import Bytes
import Testing

@Suite struct UBJSONTests {
    private func parse(_ parts: [UInt8]...) throws(JSONError) -> JSONValue {
        try JSONValue.parse(ubjson: parts.flatMap { $0 })
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func readsEveryTypeOfNumber() throws {
        #expect(try parse(text("i"), [0xFE]) == .number(-2))
        #expect(try parse(text("U"), [0xFE]) == .number(254))
        #expect(try parse(text("I"), [0xFF, 0xFE]) == .number(-2))
        #expect(try parse(text("l"), [0xFF, 0xFF, 0xFF, 0xFE]) == .number(-2))
        #expect(try parse(text("L"), [0, 0, 0, 1, 0, 0, 0, 0]) == .number(4_294_967_296))
        #expect(try parse(text("d"), [0x3E, 0x80, 0, 0]) == .number(0.25))
        #expect(try parse(text("D"), [0xBF, 0xD0, 0, 0, 0, 0, 0, 0]) == .number(-0.25))
    }

    @Test func readsArraysWithAndWithoutCountsAndTypes() throws {
        let numbers = JSONValue.numbers([1, 2])
        #expect(try parse(text("[i"), [1], text("i"), [2], text("]")) == numbers)
        #expect(try parse(text("[#i"), [2], text("i"), [1], text("U"), [2]) == numbers)
        #expect(try parse(text("[$U#i"), [2, 1, 2]) == numbers)
        #expect(try parse(text("[]")) == .array([]))
        #expect(try parse(text("[$l#L"), [0, 0, 0, 0, 0, 0, 0, 0]) == .array([]))
        #expect(try parse(text("[TNFZ]")) == .array([.bool(true), .bool(false), .null]))
    }

    @Test func readsObjectsAsJSONDoes() throws {
        let object = try parse(text("{i"), [1], text("aSi"), [2], text("xyi"), [1], text("b{}}"))
        #expect(try object == JSONValue.parse(Array(#"{"a":"xy","b":{}}"#.utf8)))
    }

    /// Each of these promises more than is there, or is none.
    @Test(arguments: [
        ("", JSONError.Reason.truncated), ("[", .truncated), ("{", .truncated), ("d\0\0", .truncated),
        ("[$d#l\u{7F}\u{7F}\u{7F}\u{7F}", .truncated), ("[#l\u{7F}\u{7F}\u{7F}\u{7F}", .truncated),
        ("SL\u{7F}\0\0\0\0\0\0\0", .truncated), ("Sd\0\0\0\0", .syntax), ("[$S#i\u{1}", .syntax),
        ("[$i", .truncated),
        ("x", .syntax), ("TT", .syntax), ("{i\u{1}aTi\u{1}aT}", .duplicateKey),
    ])
    func refuses(bytes: String, reason: JSONError.Reason) throws {
        let error = #expect(throws: JSONError.self) { try JSONValue.parse(ubjson: Array(bytes.utf8)) }
        #expect(error?.reason == reason)
    }

    @Test func keepsToLimits() throws {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100)
        #expect(throws: JSONError.self) { try JSONValue.parse(ubjson: deep) }
        let many = Array("[".utf8) + [UInt8](repeating: UInt8(ascii: "Z"), count: 20) + Array("]".utf8)
        #expect(throws: JSONError.self) { try JSONValue.parse(ubjson: many, limits: JSONLimits(values: 10)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(ubjson: [0x53, 0x69, 0x01, 0xFF]) }
    }
}

import HTTP
import Testing

@Suite struct MessageTests {
    @Test(arguments: ["", "a b", "a:", "é", "a\r\nb", "(", "a\0"])
    func refusesIllegalFieldNames(_ name: String) {
        #expect(HTTPFieldName(name) == nil)
        #expect(HTTPMethod(name) == nil)
    }

    @Test(arguments: [" a", "a\t", "a\r\nSet-Cookie: b", "a\nb", "\0", "a\u{7F}", "€", "\r\n"])
    func refusesIllegalFieldValues(_ value: String) {
        #expect(HTTPField(.etag, value) == nil)
        var fields = HTTPFields()
        fields[.etag] = value
        #expect(fields.isEmpty)
    }

    @Test func keepsRepeatedFieldsInOrder() throws {
        var fields = HTTPFields()
        fields.append(try #require(HTTPField(.vary, "Accept, ,Origin")))
        fields.append(try #require(HTTPField(.etag, "\"1\"")))
        let shouted = try #require(HTTPFieldName("VARY"))
        fields.append(try #require(HTTPField(shouted, "Prefer")))
        #expect(fields.values(.vary) == ["Accept, ,Origin", "Prefer"])
        #expect(fields.members(.vary) == ["accept", "origin", "prefer"])
        #expect(fields[.vary] == "Accept, ,Origin")
        fields[.vary] = "Host"
        #expect(fields.values(.vary) == ["Host"])
        fields[.vary] = nil
        #expect(fields.map(\.name) == [.etag])
    }

    @Test func knowsStatusCodes() {
        #expect(HTTPStatus(99) == nil)
        #expect(HTTPStatus(600) == nil)
        #expect(HTTPStatus(299)?.reason == "")
        #expect(HTTPStatus(422) == .unprocessableContent)
        #expect(HTTPStatus.contentTooLarge.description == "413 Content Too Large")
    }

    @Test func writesProblemDocuments() {
        let problem = Problem(
            type: "urn:x", status: .badRequest, detail: "a \"b\" \\ \n\u{1}é", instance: "/y",
            members: [
                ("count", .integer(-3)), ("rate", .number(0.5)), ("no", .number(.nan)), ("flag", .flag(true)),
                ("names", .list([.text("V1"), .text("V2")])),
            ])
        let expected =
            #"{"type":"urn:x","title":"Bad Request","status":400,"detail":"a \"b\" \\ \n\u0001é","instance":"/y""#
            + #","count":-3,"rate":0.5,"no":null,"flag":true,"names":["V1","V2"]}"#
        let response = problem.response()
        #expect(String(decoding: response.body, as: UTF8.self) == expected)
        #expect(response.fields[.contentType] == "application/problem+json")
        #expect(response.status == .badRequest)
    }

    /// RFC 9110 §5.6.7's own example, the epoch, and a leap day.
    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
    ])
    func writesDates(seconds: Int, text: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == text)
    }

    @Test func makesRequestIDs() {
        let ids = (0..<100).map { _ in RequestID.make() }
        #expect(Set(ids).count == 100)
        for id in ids {
            let parts = id.split(separator: "-").map(\.count)
            #expect(parts == [8, 4, 4, 4, 12])
            #expect(Array(id)[14] == "4")
            #expect("89ab".contains(Array(id)[19]))
        }
    }
}

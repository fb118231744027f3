import ECG
import ECGFormats
import Testing

private func document(_ members: String, leads: String? = nil) -> String {
    let eight = Lead.independent.map { "\"\($0.rawValue)\":[1,-0.5]" }.joined(separator: ",")
    return "{\(members)\"leads\":\(leads ?? "{\(eight)}")}"
}

private func read(_ text: String, options: ReadOptions = ReadOptions()) throws(FormatError) -> Recording {
    let upload = try Upload(body: Array(text.utf8), mediaType: "application/json", fileName: "")
    return try FormatRegistry.read(upload, options: options).recording
}

@Suite struct JSONReaderTests {
    @Test func readsTheDocumentedForm() throws {
        let recording = try read(
            document(
                #""sampleRate":500,"units":"uV","startTime":"2024-03-01T00:30:00.25+01:00","#
                    + #""device":{"manufacturer":"M","softwareVersion":"1.2"},"#))
        #expect(recording[.V6] == [0.001, -0.0005])
        #expect(recording.startTime == "2024-02-29T23:30:00.25Z")
        #expect(recording.device == Device(manufacturer: "M", softwareVersion: "1.2"))
        #expect(recording.leadsDerived.count == 4)
    }

    @Test func acceptsLeadsAsAListAndMissingSamples() throws {
        let list = Lead.independent.map { "{\"name\":\"\($0.rawValue)\",\"samples\":[null,2]}" }
        let recording = try read(
            document(
                #""sampleRate":500,"units":"mV","#, leads: "[" + list.joined(separator: ",") + "]"))
        #expect(recording[.I].first?.isNaN == true)
        #expect(recording[.I].last == 2)
    }

    @Test func takesStatedValuesWhereTheDocumentHasNone() throws {
        let options = ReadOptions(sampleRate: try SampleRate(hertz: 250), unit: .microvolts)
        #expect(try read(document(""), options: options).sampleRate.hertz == 250)
        #expect(try read(document(""), options: options)[.I].first == 0.001)
    }

    @Test func pointsAtWhatIsWrong() {
        let head = #""sampleRate":500,"units":"mV","#
        let cases: [(String, String)] = [
            (document(head + #""unit":"mV","#), "/unit"),
            (document(head + #""a/b~c":1,"#), "/a~1b~0c"),
            (document(head + #""device":{"serial":"1"},"#), "/device/serial"),
            (document(head + #""device":{"model":1},"#), "/device/model"),
            (document(head, leads: #"{"I":[1,"2"]}"#), "/leads/I/1"),
            (document(head, leads: #"{"I":{}}"#), "/leads/I"),
            (document(head, leads: #"[{"name":"I","samples":[true]}]"#), "/leads/0/samples/0"),
            (document(head, leads: #"[{"name":"I"}]"#), "/leads/0"),
            (document(head, leads: "3"), "/leads"),
            (document(#""sampleRate":null,"units":"mV","#), "/sampleRate"),
            (document(#""sampleRate":500,"units":1,"#), "/units"),
        ]
        for (text, pointer) in cases {
            do {
                _ = try read(text)
                Issue.record("read: \(text)")
            } catch { #expect(error.place == .pointer(pointer), "\(error.message)") }
        }
    }

    @Test(arguments: [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"), ("2023-12-31t23:59:59z", "2023-12-31T23:59:59Z"),
        ("2024-01-01T00:00:00+14:00", "2023-12-31T10:00:00Z"),
        ("1999-12-31T23:30:00-00:45", "2000-01-01T00:15:00Z"),
        ("2100-02-28T23:59:59.123456-01:00", "2100-03-01T00:59:59.123456Z"),
    ]) func bringsTimesToUTC(text: String, expected: String) throws {
        let recording = try read(document(#""sampleRate":500,"units":"mV","startTime":"\#(text)","#))
        #expect(recording.startTime == expected)
    }

    @Test(arguments: [
        "2024-01-01", "2024-01-01T00:00:00", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:00:60Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+1:00", "24-01-01T00:00:00Z0000",
        "2024-01-01 00:00:00Z", "2024-01-01T00:00:00ZZ", "0000-01-01T00:00:00Z", "",
    ]) func refusesWhatIsNoTime(text: String) {
        #expect(throws: FormatError.self) {
            try read(document(#""sampleRate":500,"units":"mV","startTime":"\#(text)","#))
        }
    }

    @Test func leavesOtherJSONToOthers() throws {
        for text in [
            #"{"resourceType":"Observation","component":[{"leads":1}]}"#, "[1,2]", "{}", "{\"a\":\"leads\"}",
        ] {
            let upload = try Upload(body: Array(text.utf8), mediaType: nil, fileName: "")
            #expect(!JSONReader.recognises(upload))
            #expect(throws: FormatError.self) { try FormatRegistry.read(upload, options: ReadOptions()) }
        }
    }
}

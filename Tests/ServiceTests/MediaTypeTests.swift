import HTTP
import Scoring
import Service
import Testing

private func refusal(_ fields: String...) throws -> String? {
    var decoder = RequestDecoder()
    let lines = ["POST /v1/assessments HTTP/1.1", "Host: localhost"] + fields
    decoder.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    guard case .head(let head) = try decoder.next() else { throw MalformedTestRequest() }
    return MediaTypes.refusal(of: head)?.code
}

@Suite struct MediaTypeTests {
    @Test(arguments: MediaTypes.accepted) func takesWhatItLists(type: String) throws {
        #expect(try refusal("Content-Type: \(type)") == nil)
        #expect(try refusal("Content-Type: \(type.uppercased()) ; charset=utf-8") == nil)
    }

    @Test func takesABodyThatSaysNothingOfItself() throws {
        #expect(try refusal() == nil)
        #expect(try refusal("Content-Encoding: Identity") == nil)
    }

    @Test(arguments: ["image/png", "application/pdf", "text/html", "application/json+x", "", "json", "*/*"])
    func refusesOtherTypes(type: String) throws {
        #expect(try refusal("Content-Type: \(type)") == "unsupported-media-type")
    }

    @Test func refusesATypeThatIsGivenTwice() throws {
        let code = try refusal("Content-Type: application/json", "Content-Type: text/plain")
        #expect(code == "unsupported-media-type")
    }

    @Test(arguments: ["br", "identity, zstd", "x", "gzip, gzip, gzip"])
    func refusesContentCodings(coding: String) throws {
        #expect(try refusal("Content-Encoding: \(coding)") == "unsupported-coding")
        #expect(
            try refusal("Content-Encoding: \(coding)", "Content-Type: image/png") == "unsupported-coding")
    }

    @Test func listsEachTypeOnce() {
        #expect(Set(MediaTypes.accepted).count == MediaTypes.accepted.count)
        #expect(MediaTypes.accepted.contains("application/x-wfdb"))
    }
}

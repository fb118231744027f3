import Bytes
import Foundation
import HTTP
import Service
import Testing

private func exchange(_ requestID: String, status: HTTPStatus? = .ok) -> ExchangeSummary {
    ExchangeSummary(
        method: .post, route: "/v1/assessments", status: status, requestBytes: 48_000, responseBytes: 3_000,
        duration: .microseconds(1_234_567), requestID: requestID, remoteAddress: "192.0.2.1",
        isComplete: status != nil)
}

@Suite struct AccessLogTests {
    @Test func aLineSaysWhatHappenedAndNobodysAddress() throws {
        let pipe = Pipe()
        AccessLog(output: pipe.fileHandleForWriting).record(exchange("a\"b"))
        let line = [UInt8](pipe.fileHandleForReading.availableData)
        #expect(line.last == 0x0A)
        #expect(line.count { $0 == 0x0A } == 1)
        #expect(!String(decoding: line, as: UTF8.self).contains("192.0.2"))
        let value = try JSONValue.parse(line)
        #expect(
            value.members?.map(\.key) == [
                "time", "method", "route", "status", "requestBytes", "responseBytes", "milliseconds",
                "complete", "requestId", "traceId",
            ])
        #expect(value["status"]?.integer == 200)
        #expect(value["milliseconds"]?.double == 1_234.567)
        #expect(value["requestId"]?.string == "a\"b")
        let time = try #require(value["time"]?.string)
        #expect(try abs(Date(time, strategy: .iso8601WithFraction).timeIntervalSinceNow) < 60)
    }

    @Test func anExchangeWithoutAnAnswerHasNoStatus() throws {
        let pipe = Pipe()
        AccessLog(output: pipe.fileHandleForWriting).record(exchange("x", status: nil))
        let value = try JSONValue.parse([UInt8](pipe.fileHandleForReading.availableData))
        #expect(value["status"] == .null)
        #expect(value["complete"] == .bool(false))
    }

    /// Nobody reads while the lines come: recording them must not wait, and those that find no room are counted.
    @Test func aStalledReaderCostsLinesAndNotTime() throws {
        let count = 20_000
        let pipe = Pipe()
        let log = AccessLog(output: pipe.fileHandleForWriting)
        for index in 0..<count { log.record(exchange("\(index)")) }
        var bytes: [UInt8] = []
        var dropped: Int?
        while dropped == nil {
            bytes += [UInt8](pipe.fileHandleForReading.availableData)
            for line in bytes.split(separator: 0x0A) where line.starts(with: Array("{\"dropped".utf8)) {
                dropped = try JSONValue.parse(line)["droppedLines"]?.integer
            }
        }
        let missing = try #require(dropped)
        #expect(missing > 0)
        let lines = bytes.split(separator: 0x0A)
        #expect(lines.count == count - missing + 1)
        // The first ones are all there, and the notice is behind them.
        let last = try lines.dropLast().last.flatMap { try JSONValue.parse($0)["requestId"]?.string }
        #expect(last.flatMap(Int.init) == count - missing - 1)
    }
}

extension ParseStrategy where Self == Date.ISO8601FormatStyle {
    fileprivate static var iso8601WithFraction: Self { .init(includingFractionalSeconds: true) }
}

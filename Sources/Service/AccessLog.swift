package import HTTP
private import Bytes
private import Dispatch
package import Foundation
private import Scoring
private import Synchronization

/// One JSON line an exchange, on standard error unless told otherwise: no body, no query, no field value but the
/// request id.
///
/// Lines are written on a queue of their own, as many at a time as have come meanwhile, so that a reader that stalls never
/// holds up a connection; beyond a megabyte of waiting lines further ones are dropped, and the count of them is written
/// instead.
package final class AccessLog: Sendable {
    private struct Waiting {
        var lines: [UInt8] = []
        var dropped = 0
        /// Whether the queue will come for them.
        var isExpected = false
    }

    private static let maximumWaitingBytes = 1 << 20
    private let output: FileHandle
    private let queue = DispatchQueue(label: "access-log")
    private let waiting = Mutex(Waiting())
    private let clock = Mutex((second: -1, text: ""))

    /// Writes to `output`, which stays the caller's to close.
    package init(output: FileHandle = .standardError) { self.output = output }

    /// Writes one exchange's line.
    package func record(_ exchange: ExchangeSummary) {
        let line: JSONDocument = [
            "time": .text(now()),
            "method": .optional(exchange.method?.name),
            "route": .optional(exchange.route),
            "status": exchange.status.map { .integer($0.code) } ?? .null,
            "requestBytes": .integer(exchange.requestBytes),
            "responseBytes": .integer(exchange.responseBytes),
            "milliseconds": .rounded(exchange.duration.milliseconds, digits: 3),
            "complete": .bool(exchange.isComplete),
            "requestId": .text(exchange.requestID),
            "traceId": .optional(exchange.traceID),
        ]
        enqueue(line.bytes + [10])
    }

    /// Waits until what was recorded is written, but not for a reader that has stalled.
    package func flush(seconds: Double) {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        _ = written.wait(timeout: .now() + seconds)
    }

    /// The time with milliseconds (RFC 3339); what is longer than that is formatted once a second.
    private func now() -> String {
        let milliseconds = Int(Date.now.timeIntervalSince1970 * 1_000)
        let (second, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let text = clock.withLock { clock in
            if clock.second != second {
                let date = Date(timeIntervalSince1970: Double(second))
                clock = (second, String(date.formatted(.iso8601).dropLast()))
            }
            return clock.text
        }
        return text + "." + String(1_000 + fraction).dropFirst() + "Z"
    }

    private func enqueue(_ line: [UInt8]) {
        let isFirst = waiting.withLock { waiting in
            if waiting.lines.count + line.count <= Self.maximumWaitingBytes {
                waiting.lines += line
            } else {
                waiting.dropped += 1
            }
            defer { waiting.isExpected = true }
            return !waiting.isExpected
        }
        if isFirst { queue.async { [self] in writeWaiting() } }
    }

    private func writeWaiting() {
        let taken = waiting.withLock { exchange(&$0, with: Waiting()) }
        write(taken.lines)
        guard taken.dropped > 0 else { return }
        let notice: JSONDocument = ["droppedLines": .integer(taken.dropped)]
        write(notice.bytes + [10])
    }

    private func write(_ line: [UInt8]) {
        // A log that nobody reads any more must not end the service.
        try? output.write(contentsOf: line)
    }
}

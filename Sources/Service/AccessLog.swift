package import HTTP
private import Bytes
private import Dispatch
package import Foundation
private import Scoring
private import Synchronization

/// One JSON line an exchange, on standard error unless told otherwise: no body, no query, no field value but the
/// request id.
///
/// Lines are written on a queue of their own, so that a reader that stalls never holds up a connection; beyond
/// a megabyte of waiting lines further ones are dropped, and the count of them is written instead.
package final class AccessLog: Sendable {
    private struct Waiting {
        var bytes = 0
        var dropped = 0
    }

    private static let maximumWaitingBytes = 1 << 20
    private let output: FileHandle
    private let queue = DispatchQueue(label: "access-log")
    private let waiting = Mutex(Waiting())

    /// Writes to `output`, which stays the caller's to close.
    package init(output: FileHandle = .standardError) { self.output = output }

    /// Writes one exchange's line.
    package func record(_ exchange: ExchangeSummary) {
        let line: JSONDocument = [
            "time": .text(Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
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

    private func enqueue(_ line: [UInt8]) {
        let hasRoom = waiting.withLock { waiting in
            guard waiting.bytes + line.count <= Self.maximumWaitingBytes else {
                waiting.dropped += 1
                return false
            }
            waiting.bytes += line.count
            return true
        }
        guard hasRoom else { return }
        queue.async { [self] in
            write(line)
            let dropped = waiting.withLock { waiting in
                waiting.bytes -= line.count
                defer { waiting.dropped = 0 }
                return waiting.dropped
            }
            guard dropped > 0 else { return }
            let notice: JSONDocument = ["droppedLines": .integer(dropped)]
            write(notice.bytes + [10])
        }
    }

    private func write(_ line: [UInt8]) {
        // A log that nobody reads any more must not end the service.
        try? output.write(contentsOf: line)
    }
}

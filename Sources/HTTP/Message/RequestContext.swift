/// The caller's place in a trace (W3C Trace Context, §3.2).
package struct TraceParent: Sendable, Equatable {
    /// 32 and 16 lower-case hexadecimal digits, not all zero.
    package let traceID: String
    package let parentID: String
    package let isSampled: Bool

    /// nil when `text` is malformed, which §3.2.2 and §4.3 have ignored. Of versions after 00 what comes behind the
    /// flags is skipped (§4.3).
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D else { return nil }
        let version = bytes[0..<2]
        let trace = bytes[3..<35]
        let parent = bytes[36..<52]
        let flags = bytes[53..<55]
        let isHex = [version, trace, parent, flags].allSatisfy { $0.allSatisfy(TraceParent.isHex) }
        guard isHex, !version.elementsEqual("ff".utf8) else { return nil }
        guard bytes.count == 55 || (!version.elementsEqual("00".utf8) && bytes[55] == 0x2D) else {
            return nil
        }
        guard trace.contains(where: { $0 != 0x30 }), parent.contains(where: { $0 != 0x30 }) else {
            return nil
        }
        traceID = String(decoding: trace, as: UTF8.self)
        parentID = String(decoding: parent, as: UTF8.self)
        isSampled = (UInt8(String(decoding: flags, as: UTF8.self), radix: 16) ?? 0) & 1 == 1
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
}

extension RequestHead {
    /// `traceparent`, when there is one and it is well formed.
    package var traceParent: TraceParent? {
        let values = fields.values(.traceParent)
        return values.count == 1 ? TraceParent(values[0]) : nil
    }

    /// `Idempotency-Key`, without its quotation marks: equal for all repetitions of one request
    /// (draft-ietf-httpapi-idempotency-key-header). nil when absent, repeated, empty, beyond 255 bytes or not printable
    /// ASCII.
    package var idempotencyKey: String? {
        let values = fields.values(.idempotencyKey)
        guard values.count == 1 else { return nil }
        var key = values[0][...]
        if key.count >= 2, key.first == "\"", key.last == "\"" { key = key.dropFirst().dropLast() }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return String(key)
    }
}

/// Writes the head of an answer (RFC 9112 §4 to §6).
enum ResponseEncoder {
    /// `100 Continue`, RFC 9110 §15.2.1.
    static let goOn = Output(head: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))

    /// What the connection adds to a handler's answer.
    struct Envelope {
        let requestID: String
        /// Whether the answer is to HEAD: the length of a body that is not sent (RFC 9110 §9.3.2).
        let omitsBody: Bool
        let closes: Bool
        /// Whether an HTTP/1.0 client has to be told that the connection stays (RFC 9112 §9.3).
        let announcesKeepAlive: Bool
    }

    static func encode(_ response: HTTPResponse, _ envelope: Envelope, _ rules: ConnectionRules) -> Output {
        var head: [UInt8] = []
        head.reserveCapacity(320)
        append("HTTP/1.1 ", to: &head)
        append(String(response.status.code), to: &head)
        append(" ", to: &head)
        append(response.status.reason, to: &head)
        append("\r\n", to: &head)
        append("Date", rules.date(), to: &head)
        if let name = rules.serverName, response.fields[.server] == nil { append("Server", name, to: &head) }
        append("X-Request-Id", envelope.requestID, to: &head)
        for field in response.fields where !isOurs(field.name) {
            append(field.name.spelling, field.value, to: &head)
        }
        for field in rules.standingFields where response.fields[field.name] == nil {
            append(field.name.spelling, field.value, to: &head)
        }
        // RFC 9110 §8.6: no Content-Length in 1xx and 204; in 304 it would describe another answer.
        if !response.status.forbidsContent {
            append("Content-Length", String(response.body.count), to: &head)
        }
        if envelope.closes {
            append("Connection", "close", to: &head)
        } else if envelope.announcesKeepAlive {
            append("Connection", "keep-alive", to: &head)
        }
        append("\r\n", to: &head)
        let hasBody = !envelope.omitsBody && !response.status.forbidsContent
        return Output(head: head, body: hasBody ? response.body : [])
    }

    private static func isOurs(_ name: HTTPFieldName) -> Bool {
        switch name {
        case .connection, .contentLength, .transferEncoding, .date, .requestID: true
        default: false
        }
    }

    private static func append(_ name: String, _ value: String, to head: inout [UInt8]) {
        append(name, to: &head)
        append(": ", to: &head)
        append(value, to: &head)
        append("\r\n", to: &head)
    }

    /// One octet a scalar, as ``HTTPField`` holds them.
    private static func append(_ text: String, to head: inout [UInt8]) {
        var text = text
        let isASCII = text.withUTF8 { bytes in
            guard unsafe bytes.allSatisfy({ $0 < 0x80 }) else { return false }
            unsafe head.append(contentsOf: bytes)
            return true
        }
        guard !isASCII else { return }
        head.append(contentsOf: text.unicodeScalars.lazy.map { UInt8(truncatingIfNeeded: $0.value) })
    }
}

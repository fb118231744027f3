/// A problem document (RFC 9457): what is wrong, for people and for machines, as JSON.
package struct Problem: Sendable, Equatable {
    /// The value of an extension member.
    package enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
        /// Written as null when not finite: JSON has no other number for it (RFC 8259 §6).
        case number(Double)
        case flag(Bool)
        case list([Value])
    }

    /// A URI that is stable for each cause.
    package var type: String
    package var title: String
    package var status: HTTPStatus
    package var detail: String?
    /// A URI of this occurrence.
    package var instance: String?
    /// Further members in the order in which they are written (RFC 9457 §3.2).
    package var members: [(name: String, value: Value)]

    /// Without a type it is `about:blank`: the status says it all (RFC 9457 §4.2.1).
    package init(
        type: String = "about:blank", title: String? = nil, status: HTTPStatus, detail: String? = nil,
        instance: String? = nil, members: [(name: String, value: Value)] = []
    ) {
        self.type = type
        self.title = title ?? status.reason
        self.status = status
        self.detail = detail
        self.instance = instance
        self.members = members
    }

    /// The problem of a message that was not taken; `section` says which rule it broke.
    package init(_ refusal: MessageRefusal) {
        self.init(
            type: Problem.type(for: refusal.code), status: refusal.status, detail: refusal.reason,
            members: [("section", .text(refusal.section))])
    }

    /// The type of a cause that lies in the protocol.
    package static func type(for code: String) -> String { "urn:firstlead:problem:http:" + code }

    package static func == (left: Problem, right: Problem) -> Bool { left.json() == right.json() }

    /// The document, members in the order of RFC 9457 §3.1.
    package func json() -> [UInt8] {
        var text = "{\"type\":" + JSONText.quoted(type) + ",\"title\":" + JSONText.quoted(title)
        text += ",\"status\":\(status.code)"
        if let detail { text += ",\"detail\":" + JSONText.quoted(detail) }
        if let instance { text += ",\"instance\":" + JSONText.quoted(instance) }
        for (name, value) in members {
            text += "," + JSONText.quoted(name) + ":" + JSONText.written(value)
        }
        return Array((text + "}").utf8)
    }

    /// The answer that carries this document.
    package func response(fields: HTTPFields = HTTPFields()) -> HTTPResponse {
        var response = HTTPResponse(status: status, fields: fields, body: json())
        response.fields[.contentType] = "application/problem+json"
        return response
    }
}

/// The little JSON that problem documents need (RFC 8259).
private enum JSONText {
    static func written(_ value: Problem.Value) -> String {
        switch value {
        case .text(let text): quoted(text)
        case .integer(let integer): String(integer)
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .flag(let flag): flag ? "true" : "false"
        case .list(let values): "[" + values.map(written).joined(separator: ",") + "]"
        }
    }

    /// Escapes what RFC 8259 §7 demands and leaves the rest as it is.
    static func quoted(_ text: String) -> String {
        let digits = Array("0123456789abcdef".unicodeScalars)
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted.append(contentsOf: "\\\"".unicodeScalars)
            case "\\": quoted.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": quoted.append(contentsOf: "\\n".unicodeScalars)
            case "\r": quoted.append(contentsOf: "\\r".unicodeScalars)
            case "\t": quoted.append(contentsOf: "\\t".unicodeScalars)
            case _ where scalar.value < 0x20:
                quoted.append(contentsOf: "\\u00".unicodeScalars)
                quoted.append(digits[Int(scalar.value >> 4)])
                quoted.append(digits[Int(scalar.value & 15)])
            default: quoted.append(scalar)
            }
        }
        quoted.append("\"")
        return String(quoted)
    }
}

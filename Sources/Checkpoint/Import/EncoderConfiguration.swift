/// An encoder's architecture as its checkpoint names it: what the safetensors' metadata holds under `config`.
package struct EncoderConfiguration: Sendable, Equatable {
    package enum Setting: Sendable, Equatable {
        case integer(Int)
        case flag(Bool)
        case text(String)
        /// Rows of integers: `[[dim, kernel, stride], ...]`.
        case rows([[Int]])
    }

    package let settings: [String: Setting]

    /// An integer setting; nil when there is none of that name.
    package func integer(_ name: String) -> Int? {
        guard case .integer(let value) = settings[name] else { return nil }
        return value
    }

    /// A JSON object, keys sorted, no spaces: equal configurations give equal text.
    package var json: String {
        let members = settings.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { JSONText.quoted($0.key) + ":" + Self.text($0.value) }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func text(_ setting: Setting) -> String {
        switch setting {
        case .integer(let value): "\(value)"
        case .flag(let value): value ? "true" : "false"
        case .text(let value): JSONText.quoted(value)
        case .rows(let rows):
            "["
                + rows.map { "[" + $0.map(String.init).joined(separator: ",") + "]" }.joined(separator: ",")
                + "]"
        }
    }
}

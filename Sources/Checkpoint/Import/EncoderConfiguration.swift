private import Bytes

/// An encoder's architecture as its checkpoint names it: what the safetensors' metadata holds under `config`.
package struct EncoderConfiguration: Sendable, Equatable {
    /// The value of one setting.
    package enum Setting: Sendable, Equatable {
        case integer(Int)
        case flag(Bool)
        case text(String)
        /// Rows of integers: `[[dim, kernel, stride], ...]`.
        case rows([[Int]])
    }

    /// By the checkpoint's own names.
    package let settings: [String: Setting]

    /// An integer setting; nil when there is none of that name.
    package func integer(_ name: String) -> Int? {
        guard case .integer(let value) = settings[name] else { return nil }
        return value
    }

    /// A JSON object, keys sorted, no spaces: equal configurations give equal text.
    package var json: String {
        let members = settings.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return JSONDocument.object(members.map { .init($0.key, Self.document($0.value)) }).serialised()
    }

    private static func document(_ setting: Setting) -> JSONDocument {
        switch setting {
        case .integer(let value): .integer(value)
        case .flag(let value): .bool(value)
        case .text(let value): .text(value)
        case .rows(let rows): .array(rows.map { .array($0.map { .integer($0) }) })
        }
    }
}

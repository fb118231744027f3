/// A path with open parts: `/v1/assessments/{id}`.
struct RouteTemplate: Sendable, Equatable {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    let text: String
    private let segments: [Segment]

    /// nil unless `text` begins with a slash and names each of its parameters once.
    init?(_ text: String) {
        guard text.first == "/" else { return nil }
        var segments: [Segment] = []
        var names: Set<Substring> = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard part.first == "{", part.last == "}" else {
                guard !part.contains("{"), !part.contains("}") else { return nil }
                segments.append(.literal(String(part)))
                continue
            }
            let name = part.dropFirst().dropLast()
            guard !name.isEmpty, names.insert(name).inserted else { return nil }
            segments.append(.parameter(String(name)))
        }
        self.text = text
        self.segments = segments
    }

    /// Fewer open parts come first, so that `/items/new` is not taken for an id.
    var parameterCount: Int {
        segments.count { if case .parameter = $0 { true } else { false } }
    }

    /// The values of the open parts, or nil when the path is another. An open part is never empty.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .literal(let literal):
                guard literal == text else { return nil }
            case .parameter(let name):
                guard !text.isEmpty else { return nil }
                parameters[name] = text
            }
        }
        return parameters
    }
}

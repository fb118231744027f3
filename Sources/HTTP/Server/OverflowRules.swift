/// How a connection beyond the limit is served: one request is read, and all but reserved ones are refused.
///
/// Reading it first costs little and is fair: the client gets an answer to what it asked, with its request id, and a
/// probe that must not fail because others came first is answered.
enum OverflowRules {
    static func rules(
        from rules: ConnectionRules, _ configuration: ServerConfiguration, retryAfterSeconds: Int
    ) -> ConnectionRules {
        var overflow = rules
        overflow.timeouts.header = min(rules.timeouts.header, configuration.refusalSeconds)
        // What it refuses it does not wait for.
        overflow.discardableBytes = 0
        let gate = rules.gate
        let reserved = configuration.reservedPaths
        overflow.gate = { head in
            reserved.contains(head.target.path) ? gate(head) : .refuse(refusal(retryAfterSeconds), route: nil)
        }
        return overflow
    }

    private static func refusal(_ retryAfterSeconds: Int) -> HTTPResponse {
        var fields = HTTPFields()
        fields[.retryAfter] = String(retryAfterSeconds)
        return Problem(
            type: Problem.type(for: "too-many-connections"), status: .serviceUnavailable,
            detail: "The server has as many connections as it takes."
        ).response(fields: fields)
    }
}

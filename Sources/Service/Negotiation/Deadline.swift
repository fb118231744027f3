import HTTP
import Scoring

/// How long a client waits: `Prefer: wait=10` (RFC 7240 §4.3), in seconds from the request's arrival.
///
/// An answer that nobody waits for any more is not computed: the deadline is looked at when an ECG leaves the queue
/// and before each encoder.
struct Deadline: Sendable {
    let seconds: Int
    private let end: ContinuousClock.Instant

    /// nil without the preference, or when it cannot be read: a server may ignore preferences (§2).
    init?(_ fields: HTTPFields, from start: ContinuousClock.Instant = .now) {
        // The first of several counts (§2).
        guard let wait = fields.members(.prefer).first(where: { $0.hasPrefix("wait=") }),
            let seconds = Int(wait.dropFirst(5)), (0...86_400).contains(seconds)
        else { return nil }
        self.seconds = seconds
        end = start + .seconds(seconds)
    }

    /// The refusal once it has passed.
    var refusal: Refusal? {
        guard end <= .now else { return nil }
        return Refusal(
            code: "deadline-passed", title: "The time that the client waits has passed",
            detail: "no score was computed within \(seconds) s", place: "Prefer",
            remedy: "Try again after the time in Retry-After, or wait longer")
    }
}

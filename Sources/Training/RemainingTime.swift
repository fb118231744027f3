/// How long work will take, from its pace over the last minute: the start of a resumed run, whose embeddings come out of
/// the cache, says nothing of the rest.
package struct RemainingTime: Sendable {
    /// Pace is taken over this time, once that much has passed.
    package static let windowSeconds = 60.0

    private var marks: [(done: Int, seconds: Double)] = []

    package init() {}

    /// Notes how much is done at a time that only ever grows, in seconds.
    package mutating func note(done: Int, seconds: Double) {
        if let last = marks.last, seconds - last.seconds < Self.windowSeconds / 60 { return }
        marks.append((done, seconds))
        while marks.count > 2, seconds - marks[1].seconds >= Self.windowSeconds { marks.removeFirst() }
    }

    /// Seconds that are left; nil while there is no pace to go by.
    package func seconds(done: Int, total: Int, at seconds: Double) -> Double? {
        guard let first = marks.first, seconds > first.seconds, done > first.done else { return nil }
        return Double(total - done) * (seconds - first.seconds) / Double(done - first.done)
    }
}

extension RemainingTime {
    /// "3 h 05 min", "12 min" or "40 s".
    package static func shown(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        guard whole >= 120 else { return "\(whole) s" }
        let minutes = (whole + 59) / 60
        guard minutes >= 60 else { return "\(minutes) min" }
        return "\(minutes / 60) h \(String(100 + minutes % 60).dropFirst()) min"
    }
}

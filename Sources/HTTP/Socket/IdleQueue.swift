/// Connections between requests, the one that has rested longest first.
///
/// Entries are not looked for when a connection becomes busy or ends: they are stale from then on, and dropped
/// when they are met. That costs each rest a constant amount of work on average.
struct IdleQueue {
    struct Entry {
        let connection: Int
        let since: Instant
    }

    private var entries: [Entry] = []
    private var first = 0

    /// A connection begins to rest. `isCurrent` tells stale entries, of which at most as many as current ones are
    /// kept.
    mutating func append(_ entry: Entry, limit: Int, isCurrent: (Entry) -> Bool) {
        entries.append(entry)
        guard entries.count - first > 2 * limit + 64 else { return }
        entries = entries[first...].filter(isCurrent)
        first = 0
    }

    /// Removes and returns the connection that has rested longest, if that is since `time` or longer.
    mutating func popOldest(since time: Instant, isCurrent: (Entry) -> Bool) -> Int? {
        defer {
            if first > 64, first > entries.count / 2 {
                entries.removeFirst(first)
                first = 0
            }
        }
        while first < entries.count {
            let entry = entries[first]
            if isCurrent(entry), entry.since > time { return nil }
            first += 1
            if isCurrent(entry) { return entry.connection }
        }
        return nil
    }
}

/// Actions in the order in which they are to be carried out. Its memory is kept from one request to the next.
struct ConnectionActions: Sendable {
    private var waiting: [ConnectionAction?] = []
    private var first = 0

    mutating func append(_ action: ConnectionAction) { waiting.append(action) }

    mutating func next() -> ConnectionAction? {
        guard first < waiting.count else { return nil }
        defer {
            first += 1
            if first == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                first = 0
            }
        }
        return waiting[first].take()
    }
}

/// Deadlines in order of time: a binary heap. Entries that no longer matter stay until they are due.
struct DeadlineQueue {
    struct Entry {
        let time: Instant
        /// Whose time it is.
        let token: Int
    }

    private var heap: [Entry] = []

    var first: Instant? { heap.first?.time }

    mutating func insert(_ entry: Entry) {
        var place = heap.count
        heap.append(entry)
        while place > 0 {
            let parent = (place - 1) / 2
            guard heap[place].time < heap[parent].time else { return }
            heap.swapAt(place, parent)
            place = parent
        }
    }

    /// Removes the first entry if it is due.
    mutating func popDue(_ now: Instant) -> Entry? {
        guard let first = heap.first, first.time <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
                if heap[child].time < heap[least].time { least = child }
            }
            guard least != place else { return first }
            heap.swapAt(place, least)
            place = least
        }
    }
}

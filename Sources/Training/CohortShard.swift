/// One of several parts that a cohort's records are embedded in, each by a process of its own.
package struct CohortShard: Sendable, Equatable {
    /// From 0, as `JOB_COMPLETION_INDEX` of a Kubernetes Indexed Job counts.
    package let index: Int
    package let count: Int

    /// The whole cohort.
    package static let whole = CohortShard(index: 0, count: 1)

    private init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Reads "3/8": the fourth of eight; nil unless `0 <= index < count <= 100,000`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], (1...100_000).contains(count),
            (0..<count).contains(index)
        else { return nil }
        self.init(index: index, count: count)
    }

    /// Places of the shard's records among `total`: neighbours, so that the shards in order are the cohort.
    package func range(of total: Int) -> Range<Int> {
        index * total / count..<(index + 1) * total / count
    }

    /// "part-00003-of-00008".
    package var name: String {
        func padded(_ number: Int) -> String { String(String(100_000 + number).suffix(5)) }
        return "part-\(padded(index))-of-\(padded(count))"
    }
}

extension Cohort {
    /// The records of a shard; its rows that were left out stay with the first.
    package func part(_ shard: CohortShard) -> Cohort {
        var part = self
        part.records = Array(records[shard.range(of: records.count)])
        if shard.index > 0 { part.exclusions = [] }
        return part
    }
}

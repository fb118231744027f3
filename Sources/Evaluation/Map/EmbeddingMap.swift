import ECG
package import Encoders
private import Risk
package import Training

/// The paper's Figure 1 for one encoder: a map of up to 250 embeddings of each label.
package struct EmbeddingMap: Sendable {
    package let encoder: EncoderID
    /// Places in the cohort, ascending, `[points]`.
    package let records: [Int]
    package let isPositive: [Bool]
    package let map: NeighbourMap
    package let perplexity: Double
    /// Of each point's five nearest on the map.
    package let trustworthiness: Double

    /// ECGs of each label. Paper: 250.
    package static let eachLabel = 250

    /// Draws as many ECGs of either label, the same for every encoder, and maps their embeddings as they are.
    ///
    /// Throws: ``MapError`` for a cohort with fewer than a handful of one label.
    package static func maps(
        of embedded: EmbeddedCohort, order: [EncoderID], seed: UInt64, progress: (Int, Int) -> Void
    ) throws(MapError) -> [EmbeddingMap] {
        let records = drawn(embedded.cohort, seed: seed)
        var maps: [EmbeddingMap] = []
        for id in order {
            maps.append(try EmbeddingMap(of: id, embedded, records))
            progress(maps.count, order.count)
        }
        return maps
    }

    private init(of encoder: EncoderID, _ embedded: EmbeddedCohort, _ records: [Int]) throws(MapError) {
        let embeddings = embedded.embeddings[encoder] ?? []
        let rows = records.map { embeddings[$0].values }
        // scikit-learn's default where the points allow it.
        perplexity = min(30, (Double(rows.count) - 1) / 4)
        let affinities = try NeighbourAffinities(of: rows, perplexity: perplexity)
        map = NeighbourMap(of: rows, affinities: affinities)
        trustworthiness = Trustworthiness.of(x: map.x, y: map.y, rows: rows)
        self.encoder = encoder
        self.records = records
        isPositive = records.map { embedded.cohort.records[$0].isPositive }
    }

    private static func drawn(_ cohort: Cohort, seed: UInt64) -> [Int] {
        var generator = SplitMix64(seed: seed)
        let each = min(
            eachLabel, cohort.positiveCount, cohort.records.count - cohort.positiveCount)
        return [true, false].flatMap { label in
            generator.shuffled(cohort.records.indices.filter { cohort.records[$0].isPositive == label })
                .prefix(each)
        }.sorted()
    }
}

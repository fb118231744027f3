private import Risk

extension EmbeddedCohort {
    /// The same with the labels of the named records dealt out among them at random: whatever is learnt from them is
    /// chance.
    package func shufflingLabels(of records: [Int], seed: UInt64) -> EmbeddedCohort {
        var generator = SplitMix64(seed: seed)
        var shuffled = cohort
        let labels = generator.shuffled(records.map { cohort.records[$0].isPositive })
        for (record, label) in zip(records, labels) { shuffled.records[record].isPositive = label }
        return EmbeddedCohort(cohort: shuffled, contents: contents, embeddings: embeddings)
    }
}

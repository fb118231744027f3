package import Bytes
package import ECG
import ECGFormats
package import Encoders
package import Scoring
package import Tensor

/// A cohort with every record's content digest and embeddings, in the order of the cohort file.
package struct EmbeddedCohort: Sendable {
    package let cohort: Cohort
    package let contents: [Digest]
    package let embeddings: [EncoderID: [Embedding]]

    package init(cohort: Cohort, contents: [Digest], embeddings: [EncoderID: [Embedding]]) {
        self.cohort = cohort
        self.contents = contents
        self.embeddings = embeddings
    }

    /// Covers content, label and patient of every record.
    package var digest: Digest { digest(of: Array(cohort.records.indices)) }

    /// The same of some records.
    func digest(of records: [Int]) -> Digest {
        CohortDigest.digest(
            of: records.map {
                let record = cohort.records[$0]
                return (
                    content: cohort.identity(of: contents[$0]), isPositive: record.isPositive,
                    patient: record.patient
                )
            })
    }
}

/// Checks and embeds every record of a cohort, taking from the cache what an earlier run left there.
package struct CohortEmbedder: Sendable {
    package let encoders: [LoadedEncoder]
    package let cache: EmbeddingCache?
    package let pool: WorkerPool

    package init(encoders: [LoadedEncoder], cache: EmbeddingCache?, pool: WorkerPool) {
        self.encoders = encoders
        self.cache = cache
        self.pool = pool
    }

    /// Embeds a cohort that was checked, as many ECGs at once as there are threads, each on one of them: no thread waits
    /// for another, and the bits are the same. `progress` hears how many are done.
    ///
    /// Throws: ``TrainingError/records(_:)`` with every record that the networks refuse, after all were tried;
    /// ``TrainingError/file(path:reason:)`` at once when the cache cannot be written, since hours of work that
    /// nothing keeps should not begin.
    package func embed(
        _ checked: CheckedCohort, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) -> EmbeddedCohort {
        var embeddings: [EncoderID: [Embedding]] = [:]
        var problems: [TrainingError.RecordProblem] = []
        let contents = checked.contents
        let work = zip(checked.cohort.records, contents).map { (record: $0, content: $1) }
        try inGroups(of: work, progress) { (work) in
            self.embeddings(of: work.record, content: work.content, in: checked.cohort)
        } each: { (work, outcome: Result<[EncoderID: Embedding], Failure>) throws(TrainingError) in
            switch outcome {
            case .success(let found): for (id, one) in found { embeddings[id, default: []].append(one) }
            case .failure(.refused(let refusal)): problems.append(.init(work.record, refusal))
            case .failure(.cache(let error)): throw error
            }
        }
        guard problems.isEmpty else { throw .records(problems) }
        return EmbeddedCohort(cohort: checked.cohort, contents: contents, embeddings: embeddings)
    }

    /// Why one record has no embedding.
    private enum Failure: Error {
        case refused(Refusal)
        case cache(TrainingError)
    }

    private func embeddings(
        of record: CohortRecord, content: Digest, in cohort: Cohort
    ) -> Result<[EncoderID: Embedding], Failure> {
        do {
            let identity = cohort.identity(of: content)
            var found: [EncoderID: Embedding] = [:]
            for encoder in encoders {
                found[encoder.id] = cache?.embedding(of: identity, by: encoder.provenance)
            }
            let missing = encoders.filter { found[$0.id] == nil }
            guard !missing.isEmpty else { return .success(found) }
            let submitted = try ECGFile.submission(at: record.file)
            guard submitted.digest == content else { throw Refusal.changedSinceTheCheck }
            let recording = try prepare(submitted, cohort.stated)
            for encoder in missing {
                var clock = StageClock()
                let embedding = try encoder.embed(recording, pool: .single, clock: &clock)
                found[encoder.id] = embedding
                try cache?.store(embedding, of: identity, by: encoder.provenance)
            }
            return .success(found)
        } catch let refusal as Refusal {
            return .failure(.refused(refusal))
        } catch let error as TrainingError {
            return .failure(.cache(error))
        } catch { return .failure(.cache(.file(path: record.path, reason: "\(error)"))) }
    }

    /// Decodes an ECG and takes the part that is scored.
    ///
    /// Throws: ``Refusal``.
    func prepare(_ submitted: SubmittedECG, _ stated: ReadOptions) throws(Refusal) -> Recording {
        var clock = StageClock()
        return try Scorer.readScorable(
            submitted, options: stated, neededSeconds: encoders.neededSeconds, clock: &clock
        ).recording
    }

    /// Has all threads work on a few items at a time, then takes the results in order.
    func inGroups<Item, Outcome: Sendable>(
        of items: [Item], _ progress: (Int, Int) -> Void, work: (Item) -> Outcome,
        each: (Item, Outcome) throws(TrainingError) -> Void
    ) throws(TrainingError) {
        // Alone, a thread reports after each; of several, none should wait long for the slowest.
        let size = pool.threads == 1 ? 1 : 8 * pool.threads
        for start in stride(from: 0, to: items.count, by: size) {
            let group = items[start..<min(items.count, start + size)]
            let outcomes = pool.map(group.count) { work(group[start + $0]) }
            for (item, outcome) in zip(group, outcomes) { try each(item, outcome) }
            progress(start + group.count, items.count)
        }
    }
}

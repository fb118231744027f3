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

    /// Covers content, label and patient of every record.
    package var digest: Digest {
        CohortDigest.digest(
            of: zip(contents, cohort.records).map {
                (content: $0, isPositive: $1.isPositive, patient: $1.patient)
            })
    }
}

/// Embeds every record of a cohort, taking from the cache what an earlier run left there.
package struct CohortEmbedder: Sendable {
    package let encoders: [LoadedEncoder]
    package let cache: EmbeddingCache?
    package let pool: WorkerPool

    package init(encoders: [LoadedEncoder], cache: EmbeddingCache?, pool: WorkerPool) {
        self.encoders = encoders
        self.cache = cache
        self.pool = pool
    }

    /// Embeds in order; `progress` hears how many are done after each.
    ///
    /// Throws: ``TrainingError/records(_:)`` with every record that cannot be used, after all were tried;
    /// ``TrainingError/file(path:reason:)`` at once when the cache cannot be written, since hours of work that
    /// nothing keeps should not begin.
    package func embed(
        _ cohort: Cohort, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) -> EmbeddedCohort {
        var contents: [Digest] = []
        var embeddings: [EncoderID: [Embedding]] = [:]
        var problems: [TrainingError.RecordProblem] = []
        var rows: [Digest: Int] = [:]
        for (index, record) in cohort.records.enumerated() {
            switch result(of: record) {
            case .success(let found):
                if let first = rows[found.content] {
                    let refusal = Refusal.duplicate(ofRow: first)
                    problems.append(.init(row: record.line, path: record.path, refusal: refusal))
                }
                rows[found.content] = rows[found.content] ?? record.line
                contents.append(found.content)
                for (id, embedding) in found.embeddings { embeddings[id, default: []].append(embedding) }
                try store(found)
            case .failure(let refusal):
                problems.append(.init(row: record.line, path: record.path, refusal: refusal))
            }
            progress(index + 1, cohort.records.count)
        }
        guard problems.isEmpty else { throw .records(problems) }
        return EmbeddedCohort(cohort: cohort, contents: contents, embeddings: embeddings)
    }

    /// Embeddings of one record and which of them are new.
    private struct Found {
        let content: Digest
        var embeddings: [EncoderID: Embedding] = [:]
        var new: [LoadedEncoder] = []
    }

    private func result(of record: CohortRecord) -> Result<Found, Refusal> {
        Result { () throws(Refusal) in try embed(ECGFile.submission(at: record.file)) }
    }

    private func embed(_ submitted: SubmittedECG) throws(Refusal) -> Found {
        var found = Found(content: submitted.digest)
        var recording: Recording?
        for encoder in encoders {
            if let cached = cache?.embedding(of: submitted.digest, by: encoder.provenance) {
                found.embeddings[encoder.id] = cached
                continue
            }
            let prepared = if let recording { recording } else { try prepare(submitted) }
            recording = prepared
            var clock = StageClock()
            found.embeddings[encoder.id] = try encoder.embed(prepared, pool: pool, clock: &clock)
            found.new.append(encoder)
        }
        return found
    }

    private func prepare(_ submitted: SubmittedECG) throws(Refusal) -> Recording {
        var clock = StageClock()
        return try Scorer.readScorable(
            submitted, options: ReadOptions(), neededSeconds: encoders.neededSeconds, clock: &clock
        ).recording
    }

    private func store(_ found: Found) throws(TrainingError) {
        guard let cache else { return }
        for encoder in found.new {
            guard let embedding = found.embeddings[encoder.id] else { continue }
            try cache.store(embedding, of: found.content, by: encoder.provenance)
        }
    }
}

extension Refusal {
    /// The same ECG twice could be on both sides of a split, or have two labels.
    fileprivate static func duplicate(ofRow row: Int) -> Refusal {
        Refusal(
            code: "duplicate-content", title: "The ECG is in the cohort twice",
            detail: "the same bytes as row \(row)", remedy: "Keep one of the two rows")
    }
}

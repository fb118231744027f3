import Encoders
package import Scoring
package import Tensor

/// From a cohort and two encoders to a bundle: embed, split, scale, boost, measure, write.
package struct TrainingRun {
    package var plan: TrainingPlan
    package var identity: BundleIdentity
    package let directory: String
    package let pool: WorkerPool
    package let cache: EmbeddingCache?
    /// The paper's baseline, to be scored beside the heads; nil for none.
    package let baseline: BaselineFile?

    package init(
        plan: TrainingPlan, identity: BundleIdentity, directory: String, pool: WorkerPool,
        cache: EmbeddingCache?, baseline: BaselineFile? = nil
    ) {
        self.plan = plan
        self.identity = identity
        self.directory = directory
        self.pool = pool
        self.cache = cache
        self.baseline = baseline
    }

    /// What a run reports while it works.
    package enum Progress: Sendable {
        case embedding(done: Int, total: Int)
        case boosting(head: String, done: Int, total: Int)
    }

    /// Trains and writes the bundle; `encoders` are those in the folder, in the plan's order.
    ///
    /// Throws: ``TrainingError``; the folder then has no manifest, so that nothing half-made is served.
    package func run(
        _ cohort: Cohort, encoders: [LoadedEncoder], progress: (Progress) -> Void
    ) throws(TrainingError) -> ModelBundle {
        let writer = BundleWriter(directory: directory, pool: pool)
        try writer.checkFolder(plan, holdsBaseline: baseline != nil)
        let embedded = try CohortEmbedder(encoders: encoders, cache: cache, pool: pool)
            .embed(cohort) { progress(.embedding(done: $0, total: $1)) }
        let parts = try CohortParts(of: cohort, plan: plan)
        let fitting = HeadFitting(embedded: embedded, split: parts.split, plan: plan, threads: pool.threads)
        let scalers = try fitting.scalers()
        var heads: [FittedHead] = []
        for head in plan.heads {
            heads.append(
                try fitting.fit(head, scalers: scalers) {
                    progress(.boosting(head: head.id, done: $0, total: $1))
                })
        }
        var loaded: LoadedBaseline?
        if let baseline { loaded = try writer.write(baseline) }
        let manifest = identity.manifest(
            plan: plan, embedded: embedded, parts: parts, heads: heads, encoders: encoders, baseline: loaded)
        return try writer.write(
            manifest, scalers: scalers, heads: heads, encoders: encoders, baseline: loaded)
    }
}

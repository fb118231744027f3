import Encoders
package import Scoring
package import Tensor

/// From a cohort and two encoders to a bundle: check, split, embed, scale, boost, measure, write.
package struct TrainingRun {
    package var plan: TrainingPlan
    package var identity: BundleIdentity
    package let directory: String
    package let pool: WorkerPool
    package let cache: EmbeddingCache?
    /// The paper's baseline, to be scored beside the heads; nil for none.
    package let baseline: BaselineFile?
    /// Whether ECGs that cannot be scored are left out, and noted, instead of refused.
    package var excludesUnreadable = false

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
        case checking(done: Int, total: Int)
        /// What was left out before anything was embedded.
        case excluded(Cohort)
        case embedding(done: Int, total: Int)
        case boosting(head: String, done: Int, total: Int)
        /// Boosters of a head's folds and ensembles.
        case refitting(head: String, done: Int, total: Int)
    }

    /// Trains and writes the bundle; `encoders` are those in the folder, in the plan's order.
    ///
    /// Throws: ``TrainingError``; the folder then has no manifest, so that nothing half-made is served.
    package func run(
        _ cohort: Cohort, encoders: [LoadedEncoder], progress: (Progress) -> Void
    ) throws(TrainingError) -> ModelBundle {
        let writer = BundleWriter(directory: directory, pool: pool)
        try writer.checkFolder(plan, holdsBaseline: baseline != nil)
        for head in plan.heads {
            let width = encoders.filter { head.features.contains($0.id) }.map(\.network.width).reduce(0, +)
            try plan.boosters[head.id]?.check(width: width)
        }
        let embedder = CohortEmbedder(encoders: encoders, cache: cache, pool: pool)
        let checked = try embedder.checked(cohort, excludingUnreadable: excludesUnreadable) {
            progress(.checking(done: $0, total: $1))
        }
        progress(.excluded(checked.cohort))
        // Hours of work should not begin on a cohort that cannot be split.
        let parts = try CohortParts(of: checked.cohort, plan: plan)
        let embedded = try embedder.embed(checked) { progress(.embedding(done: $0, total: $1)) }
        let fitting = HeadFitting(embedded: embedded, split: parts.split, plan: plan, threads: pool.threads)
        let scalers = try fitting.scalers()
        var heads: [FittedHead] = []
        for head in plan.heads {
            if let booster = plan.boosters[head.id] {
                heads.append(try fitting.adopt(head, booster))
            } else {
                heads.append(try fitting.fit(head, scalers: scalers, progress: progress))
            }
        }
        var loaded: LoadedBaseline?
        var baselineMetrics: Manifest.MetricsEntry?
        if let baseline {
            let written = try writer.write(baseline)
            baselineMetrics = try fitting.metrics(of: written, pool: pool)
            loaded = written
        }
        let manifest = identity.manifest(
            plan: plan, embedded: embedded, parts: parts, heads: heads, encoders: encoders,
            baseline: loaded.map { ($0.provenance, baselineMetrics) })
        return try writer.write(
            manifest, scalers: scalers, heads: heads, encoders: encoders, baseline: loaded)
    }
}

import Risk
package import Training

/// The paper's experiment: for each reshuffle scale on the development part, boost, score the test part.
package struct ExperimentRun: Sendable {
    package let embedded: EmbeddedCohort
    package let plan: ExperimentPlan
    package let threads: Int
    /// The paper's row that needs more than the cohort's embeddings and comes before the others: its baseline.
    package var baseline: BaselineMethod?
    /// Rows that need more than the cohort's embeddings, after the plan's.
    package var furtherMethods: [any ExperimentMethod] = []
    /// Rows that must come out in a known way.
    package var checks: [any ExperimentMethod] = []

    package init(embedded: EmbeddedCohort, plan: ExperimentPlan, threads: Int) {
        self.embedded = embedded
        self.plan = plan
        self.threads = threads
    }

    /// Runs every reshuffle; `progress` hears how many fits of rows of how many are done.
    ///
    /// Throws: ``TrainingError``.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws(TrainingError)
        -> Experiment
    {
        let first: [any ExperimentMethod] = baseline.map { [$0] } ?? []
        let methods =
            first + MethodCatalogue.methods(plan.families, plan: plan.training) + furtherMethods
        let total = plan.groupings.count * plan.reshuffles * (methods.count + checks.count)
        var done = 0
        var series: [Experiment.Series] = []
        for grouping in plan.groupings {
            let splits = try splits(grouping)
            let rows = try rows(methods + checks, splits) {
                done += 1
                progress(done, total)
            }
            series.append(
                .init(
                    grouping: grouping, splits: splits, methods: Array(rows.prefix(methods.count)),
                    checks: Array(rows.dropFirst(methods.count))))
        }
        return Experiment(
            plan: plan, cohort: embedded.cohort, digest: embedded.digest, series: series,
            baseline: baseline.map { .init(plan: $0.plan, losses: $0.losses) })
    }

    private func rows(
        _ methods: [any ExperimentMethod], _ splits: [Split], fitted: () -> Void
    ) throws(TrainingError) -> [Experiment.Method] {
        var found = [[MethodScores]](repeating: [], count: methods.count)
        for split in splits {
            var reshuffle = try Reshuffle(
                HeadFitting(embedded: embedded, split: split, plan: plan.training, threads: threads))
            for (place, method) in methods.enumerated() {
                found[place].append(try method.score(&reshuffle))
                fitted()
            }
        }
        var rows: [Experiment.Method] = []
        for (method, scores) in zip(methods, found) {
            var tested: [ScoredLabels] = []
            for (one, split) in zip(scores, splits) { tested.append(try labelled(one.scores, split)) }
            let spreads = scores.compactMap(\.spreads)
            rows.append(
                .init(
                    id: method.id, name: method.name, tested: tested,
                    spreads: spreads.count == splits.count ? spreads : nil))
        }
        return rows
    }

    private func splits(_ grouping: ExperimentPlan.Grouping) throws(TrainingError) -> [Split] {
        let cohort = embedded.cohort
        let isPositive = cohort.records.map(\.isPositive)
        do throws(SplitError) {
            switch grouping {
            case .record:
                return try StratifiedSplit.reshuffles(
                    plan.reshuffles, isPositive: isPositive, testShare: plan.training.testFraction,
                    seed: plan.training.seed)
            case .patient:
                return try GroupedStratifiedSplit.reshuffles(
                    plan.reshuffles, isPositive: isPositive,
                    patients: cohort.patients(of: Array(cohort.records.indices)),
                    testShare: plan.training.testFraction, seed: plan.training.seed)
            }
        } catch { throw .tooSmall(reason: "the cohort cannot be split: \(error.message)") }
    }

    private func labelled(_ scores: [Double], _ split: Split) throws(TrainingError) -> ScoredLabels {
        do throws(MetricError) {
            return try ScoredLabels(
                scores: scores, isPositive: split.test.map { embedded.cohort.records[$0].isPositive })
        } catch { throw .tooSmall(reason: "a test part has no measure: \(error)") }
    }
}

import Risk
package import Training

/// The paper's experiment: for each reshuffle scale on the development part, boost, score the test part.
package struct ExperimentRun: Sendable {
    package let embedded: EmbeddedCohort
    package let plan: ExperimentPlan
    package let threads: Int

    package init(embedded: EmbeddedCohort, plan: ExperimentPlan, threads: Int) {
        self.embedded = embedded
        self.plan = plan
        self.threads = threads
    }

    /// Runs every reshuffle; `progress` hears how many heads of how many are fitted.
    ///
    /// Throws: ``TrainingError``.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws(TrainingError)
        -> Experiment
    {
        let total = plan.groupings.count * plan.reshuffles * plan.heads.count
        var done = 0
        var series: [Experiment.Series] = []
        for grouping in plan.groupings {
            let splits = try splits(grouping)
            var tested = [[ScoredLabels]](repeating: [], count: plan.heads.count)
            for split in splits {
                let fitting = HeadFitting(
                    embedded: embedded, split: split, plan: plan.training, threads: threads)
                let scalers = try fitting.scalers()
                for (place, head) in plan.heads.enumerated() {
                    let scores = try fitting.boost(head, scalers: scalers).tested.map { Double($0.rawScore) }
                    tested[place].append(try labelled(scores, split))
                    done += 1
                    progress(done, total)
                }
            }
            let methods = zip(plan.heads, tested).map {
                Experiment.Method(id: $0.id, features: $0.features, tested: $1)
            }
            series.append(.init(grouping: grouping, splits: splits, methods: methods))
        }
        return Experiment(plan: plan, cohort: embedded.cohort, digest: embedded.digest, series: series)
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

import ECG
package import Encoders
package import Risk
package import Scoring

/// A head as it was fitted, with its performance on the test part.
package struct FittedHead: Sendable {
    package let id: String
    package let features: [EncoderID]
    /// The booster in XGBoost's JSON.
    package let json: [UInt8]
    /// By XGBoost's names.
    package let hyperparameters: [String: Double]
    /// XGBoost's `tree_method`.
    package let treeMethod: String
    package let metrics: Manifest.MetricsEntry
    /// Nil when the plan asks for none, or the scores allow none.
    package let calibration: HeadCalibration?
    /// Each member of the ensemble in XGBoost's JSON, and when it abstains; likewise nil.
    package let ensemble: (members: [[UInt8]], abstention: HeadAbstention)?
    /// Nil when the booster was fitted here.
    package var origin: Manifest.OriginEntry?
}

/// Fits scalers and boosters on the development part and measures them on the test part.
package struct HeadFitting {
    package let embedded: EmbeddedCohort
    package let split: Split
    package let plan: TrainingPlan
    package let threads: Int

    package init(embedded: EmbeddedCohort, split: Split, plan: TrainingPlan, threads: Int) {
        self.embedded = embedded
        self.split = split
        self.plan = plan
        self.threads = threads
    }

    /// Ranges of the development part only.
    ///
    /// Throws: ``TrainingError``.
    package func scalers() throws(TrainingError) -> [EncoderID: MinMaxScaler] {
        var scalers: [EncoderID: MinMaxScaler] = [:]
        for id in plan.order {
            do throws(FeatureError) {
                let embeddings = embedded.embeddings[id] ?? []
                let rows = split.development.lazy.map { embeddings[$0].values }
                let fitted = try MinMaxScaler(fittingTo: rows)
                scalers[id] = try plan.scaling == .perFeature ? fitted : fitted.widened()
            } catch { throw .tooSmall(reason: "\(id.rawValue): the embeddings cannot be scaled: \(error)") }
        }
        return scalers
    }

    /// Trains one head with what belongs to it, and measures it.
    ///
    /// Throws: ``TrainingError``.
    package func fit(
        _ head: (id: String, features: [EncoderID]), scalers: [EncoderID: MinMaxScaler],
        progress: (TrainingRun.Progress) -> Void
    ) throws(TrainingError) -> FittedHead {
        let boosted = try boost(head, scalers: scalers) {
            progress(.boosting(head: head.id, done: $0, total: $1))
        }
        var fitted = 0
        let count = refitCount
        func refit() {
            fitted += 1
            progress(.refitting(head: head.id, done: fitted, total: count))
        }
        let held = try count > 0 ? outOfFold(head, members: plan.members, progress: refit) : nil
        let ensemble =
            try plan.members > 0
            ? self.ensemble(head, scalers: scalers, count: plan.members) { _, _ in refit() } : nil
        do throws(MetricError) {
            return FittedHead(
                id: head.id, features: head.features, json: boosted.json,
                hyperparameters: plan.booster.named, treeMethod: plan.booster.treeMethod.rawValue,
                metrics: try metrics(of: boosted.tested.map { Double($0.rawScore) }),
                calibration: try calibration(held, boosted.tested),
                ensemble: try abstaining(ensemble, held, boosted.tested))
        } catch { throw .tooSmall(reason: "\(head.id): \(error)") }
    }

    /// Boosters beside a head's final one: one for each fold, and an ensemble for each fold and the whole.
    private var refitCount: Int {
        guard plan.calibration == .logistic || plan.members > 0 else { return 0 }
        return OutOfFoldScores.folds * (1 + plan.members) + plan.members
    }

    /// Scores that separate the labels, or rank them wrongly, have no calibration: the bundle then says "none".
    func calibration(
        _ held: OutOfFoldScores?, _ tested: [RiskScore], folds: Int = OutOfFoldScores.folds
    ) throws(MetricError) -> HeadCalibration? {
        guard let held, plan.calibration == .logistic else { return nil }
        return try Self.unlessUnbounded { () throws(MetricError) in
            try HeadCalibration(
                development: (held.margins, held.isPositive), test: (tested.map(\.margin), testLabels),
                sitePrevalence: plan.sitePrevalence, folds: folds)
        }
    }

    /// An ensemble with its abstention threshold; none when no threshold of the scores tells the labels apart.
    private func abstaining(
        _ ensemble: BoostedEnsemble?, _ held: OutOfFoldScores?, _ tested: [RiskScore]
    ) throws(MetricError) -> (members: [[UInt8]], abstention: HeadAbstention)? {
        guard let ensemble, let held else { return nil }
        let abstention = try Self.unlessUnbounded { () throws(MetricError) in
            try HeadAbstention(
                development: held,
                test: (tested.map { Double($0.rawScore) }, ensemble.spreads, testLabels))
        }
        return abstention.map { (ensemble.members, $0) }
    }

    private var testLabels: [Bool] { split.test.map { embedded.cohort.records[$0].isPositive } }

    /// Nil where a fit has no bounded solution, which is a finding and no failure; every other error is thrown.
    private static func unlessUnbounded<Value>(
        _ fit: () throws(MetricError) -> Value
    ) throws(MetricError) -> Value? {
        do { return try fit() } catch {
            if case .notConverged = error { return nil }
            throw error
        }
    }

    /// Trains one head on the development part: its booster in XGBoost's JSON, and its scores of the test part
    /// in the split's order.
    ///
    /// Throws: ``TrainingError``.
    package func boost(
        _ head: (id: String, features: [EncoderID]), scalers: [EncoderID: MinMaxScaler],
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) -> (json: [UInt8], tested: [RiskScore]) {
        let width = head.features.reduce(0) { $0 + (scalers[$1]?.featureCount ?? 0) }
        let development = split.development
        let batches = RowBatches(rowCount: development.count, featureCount: width) {
            (range) throws(FeatureError) in
            var values: [Float] = []
            values.reserveCapacity(range.count * width)
            for row in range { values += try scaled(head.features, of: development[row], scalers) }
            return values
        }
        do {
            let json = try BoosterTrainer.train(
                batches: batches, labels: labels(development), parameters: plan.booster,
                threads: usefulThreads(values: development.count * width), progress: progress)
            let booster = try Booster(json: json)
            var scores: [RiskScore] = []
            for row in split.test {
                scores.append(try booster.score(scaled(head.features, of: row, scalers)))
            }
            return (json, scores)
        } catch let error as BoosterError {
            throw .booster(error)
        } catch { throw .tooSmall(reason: "\(head.id): \(error)") }
    }

    /// Of the threads there are, those that so many values keep busy; the booster is the same.
    ///
    /// XGBoost's threads wait for each other at every node of a tree. On few values they do little else: beside other
    /// programs two threads took twenty times as long as one for 96 rows of 256 features.
    private func usefulThreads(values: Int) -> Int { max(1, min(threads, values / 500_000)) }

    /// Scaled embeddings of the named records in their order, concatenated, `[records, features]`.
    ///
    /// Throws: ``TrainingError``.
    package func features(
        _ features: [EncoderID], of records: [Int], _ scalers: [EncoderID: MinMaxScaler]
    ) throws(TrainingError) -> FeatureMatrix {
        let width = features.reduce(0) { $0 + (scalers[$1]?.featureCount ?? 0) }
        do throws(FeatureError) {
            var values: [Float] = []
            values.reserveCapacity(records.count * width)
            for record in records { values += try scaled(features, of: record, scalers) }
            return try FeatureMatrix(values: values, rowCount: records.count, featureCount: width)
        } catch { throw .tooSmall(reason: "the embeddings cannot be scaled: \(error)") }
    }

    /// One record's scaled embeddings, concatenated.
    private func scaled(
        _ features: [EncoderID], of record: Int, _ scalers: [EncoderID: MinMaxScaler]
    ) throws(FeatureError) -> [Float] {
        var values: [Float] = []
        for id in features {
            guard let scaler = scalers[id], let embedding = embedded.embeddings[id]?[record] else { continue }
            values += try scaler.transform(embedding.values)
        }
        return values
    }

    /// 0 or 1 for each of the named records.
    func labels(_ rows: [Int]) -> [Float] {
        rows.map { embedded.cohort.records[$0].isPositive ? 1 : 0 }
    }
}

extension MinMaxScaler {
    /// One range for all features: the smallest minimum and the largest maximum.
    func widened() throws(FeatureError) -> MinMaxScaler {
        try MinMaxScaler(
            minimum: Array(repeating: minimum.min() ?? 0, count: featureCount),
            maximum: Array(repeating: maximum.max() ?? 0, count: featureCount))
    }
}

extension BoosterParameters {
    /// The hyperparameters by XGBoost's names, for the manifest.
    var named: [String: Double] {
        [
            "num_boost_round": Double(rounds), "max_depth": Double(maximumDepth),
            "eta": rounded(learningRate),
            "subsample": rounded(subsample), "colsample_bytree": rounded(columnSampleByTree),
            "max_bin": Double(maximumBins), "base_score": rounded(baseScore), "seed": Double(seed),
        ]
    }

    /// The decimal that was meant: 0.1, not the nearest float written out.
    private func rounded(_ value: Float) -> Double { Double(value.description) ?? Double(value) }
}

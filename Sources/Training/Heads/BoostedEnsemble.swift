package import Encoders
package import Risk

/// As many boosters as the paper has reshuffles, each fitted on another four fifths of the development part with the
/// ranges of all of it: how far they disagree about an ECG says how far the cohort settles its score.
package struct BoostedEnsemble: Sendable {
    package static let memberCount = 10

    /// Each member in XGBoost's JSON.
    package let members: [[UInt8]]
    /// What each member says of the test part, `[members][records]`.
    package let tested: [[RiskScore]]

    /// Mean raw score of the members, `[records]`.
    package var scores: [Double] { columns.map { $0.reduce(0, +) / Double($0.count) } }

    /// Sample standard deviation of the members' raw scores, `[records]`.
    package var spreads: [Double] { columns.map(EnsembleSpread.of) }

    private var columns: [[Double]] {
        (tested.first ?? []).indices.map { record in tested.map { Double($0[record].rawScore) } }
    }
}

extension HeadFitting {
    /// Fits a head's ensemble; patients stay together in the members' parts. `progress` hears how many are done.
    ///
    /// Throws: ``TrainingError``.
    package func ensemble(
        _ head: (id: String, features: [EncoderID]), scalers: [EncoderID: MinMaxScaler],
        count: Int = BoostedEnsemble.memberCount, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(TrainingError) -> BoostedEnsemble {
        var members: [[UInt8]] = []
        var tested: [[RiskScore]] = []
        var generator = SplitMix64(seed: plan.seed)
        for part in try memberParts(count) {
            var plan = plan
            plan.booster.seed = UInt32(generator.below(Int(Int32.max)))
            let member = HeadFitting(
                embedded: embedded, split: Split(development: part, test: split.test), plan: plan,
                threads: threads)
            let boosted = try member.boost(head, scalers: scalers)
            members.append(boosted.json)
            tested.append(boosted.tested)
            progress(members.count, count)
        }
        return BoostedEnsemble(members: members, tested: tested)
    }

    /// Stratified four fifths of the development part, `[members]`, as places in the cohort.
    private func memberParts(_ count: Int) throws(TrainingError) -> [[Int]] {
        let development = split.development
        do throws(SplitError) {
            let splits = try GroupedStratifiedSplit.reshuffles(
                count, isPositive: development.map { embedded.cohort.records[$0].isPositive },
                patients: embedded.cohort.patients(of: development), seed: plan.seed)
            return splits.map { $0.development.map { development[$0] } }
        } catch { throw .tooSmall(reason: "too few for an ensemble: \(error.message)") }
    }
}

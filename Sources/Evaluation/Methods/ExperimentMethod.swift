package import Encoders
package import Risk
package import Training

/// A row of the results: some way to score the test part of a split from its development part.
///
/// A new row is a new conformer and one line in ``MethodCatalogue``.
package protocol ExperimentMethod: Sendable {
    /// Stable, for files: "fusion-xgb".
    var id: String { get }
    /// For tables: "Fusion".
    var name: String { get }

    /// Fits on the development part alone and scores the test part.
    ///
    /// Throws: ``TrainingError``.
    func score(_ reshuffle: inout Reshuffle) throws(TrainingError) -> MethodScores
}

/// What a method says of a test part, in the split's order.
package struct MethodScores: Sendable, Equatable {
    /// 0...1, larger means more likely positive, `[records]`.
    package let scores: [Double]
    /// How far the members of an ensemble disagree, `[records]`; nil for a single model.
    package let spreads: [Double]?

    package init(scores: [Double], spreads: [Double]? = nil) {
        self.scores = scores
        self.spreads = spreads
    }
}

/// One split at work: what several methods need is fitted once.
package struct Reshuffle {
    package let fitting: HeadFitting
    /// Ranges of the development part.
    package let scalers: [EncoderID: MinMaxScaler]
    private var boosted: [String: [Double]] = [:]

    /// Throws: ``TrainingError``.
    package init(_ fitting: HeadFitting) throws(TrainingError) {
        self.fitting = fitting
        scalers = try fitting.scalers()
    }

    /// Raw scores of the test part by the paper's head.
    ///
    /// Throws: ``TrainingError``.
    package mutating func boosted(
        _ head: (id: String, features: [EncoderID])
    ) throws(TrainingError) -> [Double] {
        if let known = boosted[head.id] { return known }
        let scores = try fitting.boost(head, scalers: scalers).tested.map { Double($0.rawScore) }
        boosted[head.id] = scores
        return scores
    }
}

/// How many times a positive counts in the baseline's loss.
package enum PositiveWeight: Sendable, Equatable, CustomStringConvertible {
    /// So many times; 1 as in the paper.
    case times(Double)
    /// As many times as there are negatives for each positive among the records that are learnt from, so that both labels
    /// weigh the same.
    case balanced

    /// "balanced" or a number above 0, at most a million; nil for anything else.
    package init?(_ text: String) {
        if text == "balanced" {
            self = .balanced
            return
        }
        guard let times = Double(text), times > 0, times <= 1e6 else { return nil }
        self = .times(times)
    }

    /// What ``init(_:)`` takes.
    package var description: String {
        switch self {
        case .times(let times): "\(times)"
        case .balanced: "balanced"
        }
    }

    /// For records with these labels.
    ///
    /// Throws: ``TrainingError/tooSmall(reason:)`` when a balance is asked for of records of one label.
    package func factor(_ isPositive: [Bool]) throws(TrainingError) -> Double {
        switch self {
        case .times(let times): return times
        case .balanced:
            let positives = isPositive.count { $0 }
            guard positives > 0, positives < isPositive.count else {
                throw .tooSmall(
                    reason: "the positive weight cannot be balanced: the baseline would learn from "
                        + "\(positives) positive and \(isPositive.count - positives) negative records")
            }
            return Double(isPositive.count - positives) / Double(positives)
        }
    }
}

/// What a threshold does to a test set: a record is called positive from the threshold up.
package struct Threshold: Sendable, Equatable {
    package let value: Double
    package let truePositives: Int
    package let falsePositives: Int
    package let positives: Int
    package let negatives: Int

    package init(
        value: Double, truePositives: Int, falsePositives: Int, positives: Int, negatives: Int
    ) {
        self.value = value
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.positives = positives
        self.negatives = negatives
    }

    package var sensitivity: Double { Double(truePositives) / Double(positives) }
    package var specificity: Double { Double(negatives - falsePositives) / Double(negatives) }
    /// Sensitivity plus specificity minus 1 (Youden, Cancer 3:32-35, 1950).
    package var youden: Double { sensitivity + specificity - 1 }

    /// Positive predictive value where this share has the condition (Bayes); NaN when nobody is called positive.
    package func positivePredictiveValue(prevalence: Double) -> Double {
        let found = sensitivity * prevalence
        return found / (found + (1 - specificity) * (1 - prevalence))
    }

    /// Negative predictive value where this share has the condition (Bayes); NaN when all are called positive.
    package func negativePredictiveValue(prevalence: Double) -> Double {
        let cleared = specificity * (1 - prevalence)
        return cleared / (cleared + (1 - sensitivity) * prevalence)
    }

    /// Benefit over calling nobody, in true positives a record, when a false alarm costs `threshold / (1 - threshold)`
    /// of what a found case is worth (Vickers and Elkin, Med. Decis. Making 26:565-574, 2006,
    /// doi 10.1177/0272989X06295361).
    package var netBenefit: Double {
        let total = Double(positives + negatives)
        return Double(truePositives) / total - Double(falsePositives) / total * value / (1 - value)
    }
}

extension ScoredLabels {
    /// Every distinct score as a threshold from the highest down, after one that nobody reaches.
    package var thresholds: [Threshold] {
        var truePositives = 0
        var falsePositives = 0
        let negatives = count - positiveCount
        let positives = positiveCount
        var thresholds = [
            Threshold(
                value: .infinity, truePositives: 0, falsePositives: 0, positives: positives,
                negatives: negatives)
        ]
        for group in tiesFromHighest() {
            truePositives += group.positives
            falsePositives += group.negatives
            thresholds.append(
                Threshold(
                    value: group.score, truePositives: truePositives, falsePositives: falsePositives,
                    positives: positives, negatives: negatives))
        }
        return thresholds
    }

    /// The most sensitive threshold that keeps the specificity; of equals the highest.
    package func threshold(specificity: Double) -> Threshold {
        best(thresholds.filter { $0.specificity >= specificity }, \.sensitivity)
    }

    /// The most specific threshold that keeps the sensitivity; of equals the highest.
    package func threshold(sensitivity: Double) -> Threshold {
        best(thresholds.filter { $0.sensitivity >= sensitivity }, \.specificity)
    }

    /// The threshold with the largest sum of sensitivity and specificity; of equals the highest.
    package var youdenThreshold: Threshold { best(thresholds, \.youden) }

    /// What calling positive from `value` up does to these records.
    package func threshold(at value: Double) -> Threshold {
        let called = scores.indices.filter { scores[$0] >= value }
        let found = called.count { isPositive[$0] }
        return Threshold(
            value: value, truePositives: found, falsePositives: called.count - found,
            positives: positiveCount, negatives: count - positiveCount)
    }

    /// There is always one: no specificity is above that of the threshold nobody reaches, and no sensitivity above
    /// that of the lowest score.
    private func best(_ candidates: [Threshold], _ measure: (Threshold) -> Double) -> Threshold {
        var best = candidates[0]
        for candidate in candidates where measure(candidate) > measure(best) { best = candidate }
        return best
    }
}

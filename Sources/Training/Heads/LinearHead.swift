private import Foundation
package import Risk

/// A linear function of scaled features, fitted with a penalty on its weights: what the embeddings give without trees.
package struct LinearHead: Sendable, Equatable {
    /// What the fit makes small.
    package enum Loss: String, Sendable, CaseIterable {
        /// Cross-entropy: scikit-learn's `LogisticRegression`.
        case logistic
        /// Squared distance from the label, 0 or 1: scikit-learn's `Ridge`.
        case squared
    }

    package let loss: Loss
    /// `[features]`.
    package let weights: [Double]
    package let intercept: Double

    /// The loss summed over the records (half of it, when squared), plus half the penalty times the squared weights; the
    /// intercept is free.
    ///
    /// The defaults are scikit-learn's: `C` 1 and `alpha` 1. Equal rows give equal bits on any number of threads.
    /// Throws: ``MetricError`` `count`, or `notConverged`.
    package init(
        fittingTo rows: FeatureMatrix, isPositive: [Bool], loss: Loss, penalty: Double = 1
    ) throws(MetricError) {
        guard rows.rowCount == isPositive.count else {
            throw .count(scores: rows.rowCount, labels: isPositive.count)
        }
        let objective = Objective(rows: rows, isPositive: isPositive, loss: loss, penalty: penalty)
        let start = [Double](repeating: 0, count: rows.featureCount + 1)
        guard let best = LimitedMemoryBFGS().minimum(from: start, objective.valueAndGradient) else {
            throw .notConverged(what: "a linear head")
        }
        self.loss = loss
        weights = Array(best.dropLast())
        // The objective's features are centred.
        intercept = best[rows.featureCount] - zip(weights, objective.means).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The linear function of one row, `[features]`: log-odds, or the expected label.
    package func value(_ features: some Sequence<Float>) -> Double {
        zip(weights, features).reduce(intercept) { $0 + $1.0 * Double($1.1) }
    }

    /// A score of 0...1 in the order of ``value(_:)``.
    ///
    /// An expected label can leave that range, and cutting it off would make ties; the logistic function that has its
    /// slope at one half keeps the order.
    package func score(_ features: some Sequence<Float>) -> Double {
        switch loss {
        case .logistic: LogisticRecalibration.logistic(value(features))
        case .squared: LogisticRecalibration.logistic(4 * (value(features) - 0.5))
        }
    }
}

/// The penalised loss over centred features; the free intercept makes its minimum that of the features as they are, in
/// far fewer steps.
private struct Objective {
    let rows: FeatureMatrix
    let labels: [Double]
    let loss: LinearHead.Loss
    let penalty: Double
    let means: [Double]

    init(rows: FeatureMatrix, isPositive: [Bool], loss: LinearHead.Loss, penalty: Double) {
        self.rows = rows
        labels = isPositive.map { $0 ? 1 : 0 }
        self.loss = loss
        self.penalty = penalty
        var sums = [Double](repeating: 0, count: rows.featureCount)
        for row in 0..<rows.rowCount {
            for (feature, value) in rows[row].enumerated() { sums[feature] += Double(value) }
        }
        means = sums.map { $0 / Double(rows.rowCount) }
    }

    /// `parameters`: the weights, then the intercept.
    func valueAndGradient(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        let width = rows.featureCount
        var shift = parameters[width]
        for feature in 0..<width { shift -= parameters[feature] * means[feature] }
        var value = 0.0
        var gradient = [Double](repeating: 0, count: width + 1)
        var residuals = 0.0
        for row in 0..<rows.rowCount {
            let (cost, residual) = cost(linear: rows.product(row: row, parameters) + shift, labels[row])
            value += cost
            residuals += residual
            rows.add(row: row, times: residual, to: &gradient)
        }
        for feature in 0..<width {
            gradient[feature] += penalty * parameters[feature] - residuals * means[feature]
            value += penalty * parameters[feature] * parameters[feature] / 2
        }
        gradient[width] = residuals
        return (value, gradient)
    }

    /// A record's cost, and its derivative by the linear function. Squared loss is halved, as is the penalty.
    private func cost(linear: Double, _ label: Double) -> (cost: Double, residual: Double) {
        switch loss {
        case .logistic:
            let signed = label == 1 ? linear : -linear
            let cost = signed > 0 ? log1p(exp(-signed)) : log1p(exp(signed)) - signed
            return (cost, LogisticRecalibration.logistic(linear) - label)
        case .squared: return ((linear - label) * (linear - label) / 2, linear - label)
        }
    }
}

extension FeatureMatrix {
    /// Scalar product of a row with the first weights, in four sums.
    fileprivate func product(row: Int, _ weights: [Double]) -> Double {
        let width = featureCount
        return unsafe values.withUnsafeBufferPointer { values in
            unsafe weights.withUnsafeBufferPointer { weights in
                var sums = SIMD4<Double>.zero
                let start = row * width
                var feature = 0
                while feature + 4 <= width {
                    let place = start + feature
                    let value = unsafe SIMD4<Double>(
                        Double(values[place]), Double(values[place + 1]), Double(values[place + 2]),
                        Double(values[place + 3]))
                    let weight = unsafe SIMD4<Double>(
                        weights[feature], weights[feature + 1], weights[feature + 2], weights[feature + 3])
                    sums += value * weight
                    feature += 4
                }
                var sum = sums.sum()
                while feature < width {
                    sum += unsafe Double(values[start + feature]) * weights[feature]
                    feature += 1
                }
                return sum
            }
        }
    }

    /// Adds a multiple of a row.
    fileprivate func add(row: Int, times factor: Double, to sums: inout [Double]) {
        let width = featureCount
        unsafe values.withUnsafeBufferPointer { values in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                for feature in 0..<width {
                    unsafe sums[feature] += factor * Double(values[row * width + feature])
                }
            }
        }
    }
}

/// A measure over the reshuffles: mean and sample standard deviation.
package struct Spread: Sendable, Equatable {
    package let values: [Double]

    package init(_ values: [Double]) { self.values = values }

    package var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// With n - 1 in the denominator; NaN for one value. The paper does not say which it uses.
    package var standardDeviation: Double {
        let mean = mean
        let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (sum / Double(values.count - 1)).squareRoot()
    }
}

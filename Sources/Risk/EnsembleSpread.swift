/// How far the members of an ensemble disagree about one ECG.
package enum EnsembleSpread {
    /// Sample standard deviation of the members' scores; 0 for one member.
    package static func of(_ scores: [Double]) -> Double {
        guard scores.count > 1 else { return 0 }
        let mean = scores.reduce(0, +) / Double(scores.count)
        let sum = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (sum / Double(scores.count - 1)).squareRoot()
    }
}

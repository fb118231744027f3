private import Foundation

/// Log-odds of a score.
enum Logit {
    /// Kept finite by 1e-12.
    static func of(_ score: Double) -> Double {
        let share = min(max(score, 1e-12), 1 - 1e-12)
        return log(share / (1 - share))
    }
}

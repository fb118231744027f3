private import Foundation

/// Student's t distribution.
package enum StudentT {
    /// The probability of a value at least as far from 0 as `t`, in either direction.
    ///
    /// It is the regularised incomplete beta function at `degrees / (degrees + t * t)` (Abramowitz and Stegun,
    /// 26.7.1 and 26.5.27).
    package static func twoSided(_ t: Double, degrees: Double) -> Double {
        guard t.isFinite else { return t.isNaN ? .nan : 0 }
        return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
    }

    /// The value that is exceeded in either direction with probability `1 - level`, 0 < level < 1.
    package static func reach(level: Double, degrees: Double) -> Double {
        var low = 0.0
        var high = 1e12
        while true {
            let middle = low < 1 && high > 2 ? 1 : low + (high - low) / 2
            guard low < middle, middle < high else { return middle }
            if twoSided(middle, degrees: degrees) > 1 - level { low = middle } else { high = middle }
        }
    }

    /// The regularised incomplete beta function by its continued fraction (Abramowitz and Stegun, 26.5.8), which
    /// converges fast below the mean; above it the symmetry of the function is used.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let logarithm = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
        let front = exp(logarithm)
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(x, a, b) / a : 1 - front * fraction(1 - x, b, a) / b
    }

    private static func logGamma(_ x: Double) -> Double { lgamma(x) }

    /// Evaluated forwards by the method of Lentz (Applied Optics 15:668-671, 1976, doi 10.1364/AO.15.000668).
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 1 / nonZero(1 - (a + b) * x / (a + 1), tiny)
        var result = d
        for term in 1...10_000 {
            let m = Double(term)
            for coefficient in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / nonZero(1 + coefficient * d, tiny)
                c = nonZero(1 + coefficient / c, tiny)
                result *= c * d
            }
            if abs(c * d - 1) < 1e-16 { break }
        }
        return result
    }

    private static func nonZero(_ value: Double, _ tiny: Double) -> Double {
        abs(value) < tiny ? tiny : value
    }
}

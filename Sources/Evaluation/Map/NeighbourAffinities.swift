private import Foundation

/// How near points are to one another, as t-SNE takes it: each point has a Gaussian around it that is as wide as gives
/// it the wanted number of neighbours (van der Maaten and Hinton, JMLR 9:2579-2605, 2008).
package struct NeighbourAffinities: Sendable {
    package let count: Int
    /// Symmetric, sum 1, `[points, points]`.
    package let values: [Double]

    /// From rows of equal width, `[points, features]`; `perplexity` is the effective number of neighbours.
    ///
    /// Throws: ``MapError``.
    package init(of rows: [[Float]], perplexity: Double) throws(MapError) {
        guard rows.count >= 4 else { throw .tooFewPoints(rows.count) }
        guard perplexity >= 1, 3 * perplexity < Double(rows.count - 1) else {
            throw .perplexity(perplexity, points: rows.count)
        }
        let distances = Self.squaredDistances(rows)
        let count = rows.count
        var conditional = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            let shares = Self.shares(
                Array(distances[row * count..<(row + 1) * count]), of: row, entropy: log(perplexity))
            for column in 0..<count { conditional[row * count + column] = shares[column] }
        }
        var values = conditional
        for row in 0..<count {
            for column in 0..<count {
                values[row * count + column] =
                    (conditional[row * count + column] + conditional[column * count + row])
                    / Double(2 * count)
            }
        }
        self.count = count
        self.values = values
    }

    /// Squared Euclidean distances, `[points, points]`.
    package static func squaredDistances(_ rows: [[Float]]) -> [Double] {
        let count = rows.count
        var distances = [Double](repeating: 0, count: count * count)
        for one in 0..<count {
            for other in 0..<one {
                var sum = 0.0
                for (a, b) in zip(rows[one], rows[other]) {
                    let difference = Double(a) - Double(b)
                    sum += difference * difference
                }
                distances[one * count + other] = sum
                distances[other * count + one] = sum
            }
        }
        return distances
    }

    /// Shares of the other points, by bisection of the Gaussian's precision until their entropy (in nats) is right.
    private static func shares(_ distances: [Double], of point: Int, entropy: Double) -> [Double] {
        var low = 0.0
        var high = Double.infinity
        var nearest = Double.infinity
        for (other, distance) in distances.enumerated() where other != point {
            nearest = min(nearest, distance)
        }
        var precision = 1.0
        var shares = distances
        for _ in 0..<200 {
            var sum = 0.0
            var weighted = 0.0
            for (other, distance) in distances.enumerated() {
                // Relative to the nearest: the farthest may underflow, the sum may not.
                let share = other == point ? 0 : exp(-precision * (distance - nearest))
                shares[other] = share
                sum += share
                weighted += share * (distance - nearest)
            }
            let found = log(sum) + precision * weighted / sum
            for other in shares.indices { shares[other] /= sum }
            guard abs(found - entropy) > 1e-10 else { break }
            if found > entropy { low = precision } else { high = precision }
            precision = high.isFinite ? (low + high) / 2 : precision * 2
        }
        return shares
    }
}

/// Why points have no map.
package enum MapError: Error, Sendable, Equatable {
    case tooFewPoints(Int)
    /// Three times as many neighbours as that must fit among the points.
    case perplexity(Double, points: Int)
}

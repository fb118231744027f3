private import Foundation
private import Risk

/// A map of points in two dimensions that keeps neighbours together: exact t-SNE (van der Maaten and Hinton,
/// JMLR 9:2579-2605, 2008), with the optimiser's settings of scikit-learn.
///
/// Distances between clusters, their sizes and their densities mean nothing.
package struct NeighbourMap: Sendable {
    /// x and y of each point, `[points]` each.
    package private(set) var x: [Double]
    package private(set) var y: [Double]
    /// Kullback-Leibler divergence of the map from the affinities.
    package private(set) var divergence = Double.nan

    /// The affinities' map. Starts on the two main axes of the rows, as scikit-learn does by default, so that the map
    /// does not depend on luck.
    package init(of rows: [[Float]], affinities: NeighbourAffinities, iterations: Int = 1_000) {
        let start = PrincipalAxes(of: rows)
        x = start.first
        y = start.second
        var descent = Descent(count: affinities.count)
        let rate = max(Double(affinities.count) / 12 / 4, 50)
        for iteration in 0..<iterations {
            let isEarly = iteration < 250
            let slope = Self.gradient(x, y, affinities, exaggeration: isEarly ? 12 : 1)
            if iteration == 250 { descent.forget() }
            descent.step(&x, &y, slope, rate: rate, momentum: isEarly ? 0.5 : 0.8)
        }
        divergence = Self.divergence(x, y, affinities)
    }

    /// The divergence that is made small, in nats.
    package static func divergence(_ x: [Double], _ y: [Double], _ affinities: NeighbourAffinities) -> Double
    {
        let count = affinities.count
        let (weights, sum) = weights(x, y)
        var divergence = 0.0
        for pair in 0..<count * count where affinities.values[pair] > 0 {
            divergence += affinities.values[pair] * log(affinities.values[pair] * sum / weights[pair])
        }
        return divergence
    }

    /// Its derivative by each coordinate; with `exaggeration` the affinities count that many times.
    package static func gradient(
        _ x: [Double], _ y: [Double], _ affinities: NeighbourAffinities, exaggeration: Double = 1
    ) -> (x: [Double], y: [Double]) {
        let count = affinities.count
        let (weights, sum) = weights(x, y)
        var slope = (x: [Double](repeating: 0, count: count), y: [Double](repeating: 0, count: count))
        for one in 0..<count {
            var pullX = 0.0
            var pullY = 0.0
            for other in 0..<count where other != one {
                let pair = one * count + other
                let pull =
                    4 * (exaggeration * affinities.values[pair] - weights[pair] / sum) * weights[pair]
                pullX += pull * (x[one] - x[other])
                pullY += pull * (y[one] - y[other])
            }
            slope.x[one] = pullX
            slope.y[one] = pullY
        }
        return slope
    }

    /// Student weights of each pair, `[points, points]`, 0 with itself, and their sum.
    private static func weights(_ x: [Double], _ y: [Double]) -> (values: [Double], sum: Double) {
        let count = x.count
        var weights = [Double](repeating: 0, count: count * count)
        var sum = 0.0
        for one in 0..<count {
            for other in 0..<one {
                let across = x[one] - x[other]
                let up = y[one] - y[other]
                let weight = 1 / (1 + across * across + up * up)
                weights[one * count + other] = weight
                weights[other * count + one] = weight
                sum += 2 * weight
            }
        }
        return (weights, sum)
    }
}

/// Gradient descent with momentum and a gain for each coordinate (Jacobs, Neural Networks 1:295-307, 1988,
/// doi 10.1016/0893-6080(88)90003-2).
private struct Descent {
    private var velocity: (x: [Double], y: [Double])
    private var gain: (x: [Double], y: [Double])

    init(count: Int) {
        velocity = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        gain = ([Double](repeating: 1, count: count), [Double](repeating: 1, count: count))
    }

    /// Starts anew: the function to be made small is another.
    mutating func forget() { self = Descent(count: velocity.x.count) }

    mutating func step(
        _ x: inout [Double], _ y: inout [Double], _ slope: (x: [Double], y: [Double]), rate: Double,
        momentum: Double
    ) {
        Self.step(&x, &velocity.x, &gain.x, slope.x, rate, momentum)
        Self.step(&y, &velocity.y, &gain.y, slope.y, rate, momentum)
    }

    private static func step(
        _ place: inout [Double], _ velocity: inout [Double], _ gain: inout [Double], _ slope: [Double],
        _ rate: Double, _ momentum: Double
    ) {
        for point in place.indices {
            let agrees = velocity[point] * slope[point] < 0
            gain[point] = max(0.01, agrees ? gain[point] + 0.2 : gain[point] * 0.8)
            velocity[point] = momentum * velocity[point] - rate * gain[point] * slope[point]
            place[point] += velocity[point]
        }
    }
}

/// Rows on their two axes of largest variance, scaled to a standard deviation of 1e-4 on the first.
private struct PrincipalAxes {
    let first: [Double]
    let second: [Double]

    init(of rows: [[Float]]) {
        let count = rows.count
        // Centred inner products, [points, points], from distances: no feature is looked at twice.
        let distances = NeighbourAffinities.squaredDistances(rows)
        let means = (0..<count).map { row in
            distances[row * count..<(row + 1) * count].reduce(0, +) / Double(count)
        }
        let mean = means.reduce(0, +) / Double(count)
        var products = distances
        for row in 0..<count {
            for column in 0..<count {
                products[row * count + column] =
                    -(distances[row * count + column] - means[row] - means[column] + mean) / 2
            }
        }
        let one = Self.leading(products, count, orthogonalTo: nil)
        let two = Self.leading(products, count, orthogonalTo: one.axis)
        let deviation = (one.strength / Double(count)).squareRoot()
        let scale = deviation > 0 ? 1e-4 / deviation : 0
        first = one.axis.map { $0 * one.strength.squareRoot() * scale }
        second = two.axis.map { $0 * two.strength.squareRoot() * scale }
    }

    /// Largest eigenvalue and its vector by power iteration, from a seeded start.
    private static func leading(
        _ products: [Double], _ count: Int, orthogonalTo other: [Double]?
    ) -> (axis: [Double], strength: Double) {
        var generator = SplitMix64(seed: 17)
        var axis = (0..<count).map { _ in generator.unit() - 0.5 }
        var strength = 0.0
        for _ in 0..<200 {
            if let other {
                let overlap = zip(axis, other).reduce(0) { $0 + $1.0 * $1.1 }
                for point in axis.indices { axis[point] -= overlap * other[point] }
            }
            var next = [Double](repeating: 0, count: count)
            for row in 0..<count {
                var sum = 0.0
                for column in 0..<count { sum += products[row * count + column] * axis[column] }
                next[row] = sum
            }
            strength = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard strength > 0 else { return (axis.map { _ in 0 }, 0) }
            axis = next.map { $0 / strength }
        }
        return (axis, strength)
    }
}

/// Minimises a smooth convex function (Liu and Nocedal, Math. Program. 45:503-528, 1989, doi 10.1007/BF01589116).
struct LimitedMemoryBFGS {
    typealias Function = ([Double]) -> (value: Double, gradient: [Double])

    /// Pairs of steps and changes of the gradient that are kept.
    var memory = 10
    /// The gradient at the end, in parts of the first one.
    var tolerance = 1e-6
    var maximumSteps = 2_000

    /// A step and what it did to the gradient.
    private struct Pair {
        let step: [Double]
        let change: [Double]
        let product: Double
    }

    /// The place of the minimum; nil when it is not reached.
    func minimum(from start: [Double], _ function: Function) -> [Double]? {
        var place = start
        var (value, gradient) = function(place)
        let enough = tolerance * Self.norm(gradient)
        var pairs: [Pair] = []
        for _ in 0..<maximumSteps {
            guard Self.norm(gradient) > enough else { return place }
            var direction = direction(gradient, pairs)
            if pairs.isEmpty {
                let scale = 1 / max(Self.norm(gradient), 1e-300)
                direction = direction.map { $0 * scale }
            }
            guard let found = line(function, place, value, gradient, direction) else { return nil }
            let step = zip(found.place, place).map { $0 - $1 }
            let change = zip(found.gradient, gradient).map { $0 - $1 }
            let product = Self.dot(step, change)
            if product > 0 { pairs.append(Pair(step: step, change: change, product: product)) }
            if pairs.count > memory { pairs.removeFirst() }
            // No digit of the value is left to gain.
            let gain = value - found.value
            (place, value, gradient) = (found.place, found.value, found.gradient)
            if gain <= 1e-15 * max(1, abs(value)) { return place }
        }
        return nil
    }

    /// Downhill, by the two-loop recursion.
    private func direction(_ gradient: [Double], _ pairs: [Pair]) -> [Double] {
        var direction = gradient.map { -$0 }
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = Self.dot(pair.step, direction) / pair.product
            factors.append(factor)
            for index in direction.indices { direction[index] -= factor * pair.change[index] }
        }
        if let last = pairs.last {
            let scale = last.product / Self.dot(last.change, last.change)
            for index in direction.indices { direction[index] *= scale }
        }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            let correction = factor - Self.dot(pair.change, direction) / pair.product
            for index in direction.indices { direction[index] += correction * pair.step[index] }
        }
        return direction
    }

    /// A step that lowers the value enough (Armijo) and flattens the slope (weak Wolfe), by bisection.
    private func line(
        _ function: Function, _ place: [Double], _ value: Double, _ gradient: [Double],
        _ direction: [Double]
    ) -> (place: [Double], value: Double, gradient: [Double])? {
        let slope = Self.dot(gradient, direction)
        var (low, high, length) = (0.0, Double.infinity, 1.0)
        var best: (place: [Double], value: Double, gradient: [Double])?
        for _ in 0..<60 {
            let next = zip(place, direction).map { $0 + length * $1 }
            let found = function(next)
            if found.value > value + 1e-4 * length * slope {
                high = length
            } else {
                best = (next, found.value, found.gradient)
                guard Self.dot(found.gradient, direction) < 0.9 * slope else { return best }
                low = length
            }
            length = high.isFinite ? (low + high) / 2 : 2 * low
        }
        // At the last digits of the value no step is low enough any more: the place is the minimum.
        return best ?? (place, value, gradient)
    }

    private static func dot(_ one: [Double], _ other: [Double]) -> Double {
        var sum = 0.0
        for index in one.indices { sum += one[index] * other[index] }
        return sum
    }

    private static func norm(_ vector: [Double]) -> Double { dot(vector, vector).squareRoot() }
}

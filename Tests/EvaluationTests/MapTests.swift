import Evaluation
import Foundation
import Testing

/// Exact t-SNE against scikit-learn's.
@Suite struct MapTests {
    private struct Expected: Decodable {
        let points: [[Float]]
        let perplexity: Double
        let affinities: [[Double]]
        let x, y: [Double]
        let divergence, trustworthiness: Double
    }

    private let expected: Expected

    init() throws {
        let url = try #require(
            Bundle.module.url(forResource: "map", withExtension: "json", subdirectory: "Fixtures"))
        expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: url))
    }

    @Test func findsTheAffinitiesOfScikitLearn() throws {
        let affinities = try NeighbourAffinities(of: expected.points, perplexity: expected.perplexity)
        let largest = affinities.values.max() ?? 0
        for row in expected.affinities {
            // scikit-learn's distances are single precision, its entropy is found to 1e-5.
            let found = affinities.values[Int(row[0]) * affinities.count + Int(row[1])]
            #expect(abs(found - row[2]) < 1e-4 * largest)
        }
        #expect(abs(affinities.values.reduce(0, +) - 1) < 1e-12)
    }

    /// Central differences of the divergence, which shares no step with the derivative.
    @Test func derivativeAgreesWithFiniteDifferences() throws {
        let affinities = try NeighbourAffinities(of: Array(expected.points.prefix(20)), perplexity: 5)
        let x = (0..<20).map { sin(Double($0) * 1.7) }
        let y = (0..<20).map { cos(Double($0) * 2.3) }
        let slope = NeighbourMap.gradient(x, y, affinities)
        let step = 1e-5
        for point in 0..<20 {
            for isX in [true, false] {
                func divergence(_ by: Double) -> Double {
                    var (x, y) = (x, y)
                    if isX { x[point] += by } else { y[point] += by }
                    return NeighbourMap.divergence(x, y, affinities)
                }
                let difference = (divergence(step) - divergence(-step)) / (2 * step)
                #expect(abs(difference - (isX ? slope.x[point] : slope.y[point])) < 1e-8)
            }
        }
    }

    @Test func keepsNeighboursAsWellAsScikitLearn() throws {
        let given = Trustworthiness.of(x: expected.x, y: expected.y, rows: expected.points)
        #expect(abs(given - expected.trustworthiness) < 1e-12)
        let affinities = try NeighbourAffinities(of: expected.points, perplexity: expected.perplexity)
        let theirs = NeighbourMap.divergence(expected.x, expected.y, affinities)
        #expect(abs(theirs - expected.divergence) < 1e-3)
        let map = NeighbourMap(of: expected.points, affinities: affinities)
        // Both stop in a local minimum; ours may not be clearly the worse one.
        #expect(map.divergence < 1.05 * expected.divergence)
        let own = Trustworthiness.of(x: map.x, y: map.y, rows: expected.points)
        #expect(own > expected.trustworthiness - 0.01)
        let again = NeighbourMap(of: expected.points, affinities: affinities)
        #expect(again.x == map.x && again.y == map.y)
    }

    @Test func refusesWhatHasNoMap() {
        #expect(throws: MapError.tooFewPoints(3)) {
            try NeighbourAffinities(of: Array(expected.points.prefix(3)), perplexity: 2)
        }
        #expect(throws: MapError.perplexity(30, points: 60)) {
            try NeighbourAffinities(of: Array(expected.points.prefix(60)), perplexity: 30)
        }
    }

    /// Equal points have equal places, and no division by their distance of 0 spoils the rest.
    @Test func survivesEqualPoints() throws {
        let rows = Array(repeating: expected.points[0], count: 20)
        let affinities = try NeighbourAffinities(of: rows, perplexity: 5)
        let map = NeighbourMap(of: rows, affinities: affinities, iterations: 300)
        #expect(map.x.allSatisfy(\.isFinite) && map.y.allSatisfy(\.isFinite))
        #expect(map.divergence.isFinite)
    }
}

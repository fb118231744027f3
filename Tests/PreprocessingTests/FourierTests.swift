import Foundation
import Preprocessing
import Testing

/// The definition, summed as it stands.
private func slowTransform(_ samples: [Complex]) -> [Complex] {
    let count = samples.count
    return (0..<count).map { bin in
        var sum = Complex.zero
        for (time, sample) in samples.enumerated() {
            let angle = -2 * Double.pi * Double(bin * time % count) / Double(count)
            let root = Complex(cos(angle), sin(angle))
            sum += Complex(
                sample.x * root.x - sample.y * root.y, sample.x * root.y + sample.y * root.x)
        }
        return sum
    }
}

private func noise(_ count: Int) -> [Complex] {
    let values = Fixtures.noise(count: 2 * count)
    return (0..<count).map { Complex(values[2 * $0], values[2 * $0 + 1]) }
}

private func norm(_ values: [Complex]) -> Double {
    values.reduce(0) { $0 + $1.x * $1.x + $1.y * $1.y }.squareRoot()
}

private func distance(_ found: [Complex], _ expected: [Complex]) -> Double {
    found.count == expected.count ? norm(zip(found, expected).map { $0 - $1 }) : .infinity
}

private func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
}

@Suite struct FourierTransformTests {
    @Test(arguments: [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 16, 17, 25, 27, 30, 49, 60, 64, 75, 77, 97, 121, 125, 128,
        225, 243, 251, 257, 360, 450, 509, 625, 1_000, 1_021,
    ])
    func agreesWithTheDefinition(count: Int) {
        let samples = noise(count)
        let expected = slowTransform(samples)
        let found = FourierTransform(length: count).forward(samples)
        // Each term of the slow sum is good to a few units in the last place: 2e-16 times a small multiple.
        #expect(distance(found, expected) <= 1e-14 * max(norm(expected), 1))
    }

    /// Beyond the reach of the slow sum: there and back again, through every radix and through the convolution.
    @Test(arguments: [2_500, 2_570, 3_600, 4_096, 4_999, 5_000, 5_003, 10_000, 19_997, 20_000, 65_537])
    func invertsExactly(count: Int) {
        let samples = noise(count)
        let transform = FourierTransform(length: count)
        let returned = transform.inverse(transform.forward(samples)).map { $0 / Double(count) }
        #expect(distance(returned, samples) <= 1e-14 * norm(samples))
    }

    /// A single exponential is a single bin, wherever rounding could hide.
    @Test(arguments: [4_999, 5_000, 20_000]) func findsASingleFrequency(count: Int) {
        let bin = count / 3
        let samples = (0..<count).map { time in
            let angle = 2 * Double.pi * Double(bin * time % count) / Double(count)
            return Complex(cos(angle), sin(angle))
        }
        var spectrum = FourierTransform(length: count).forward(samples)
        #expect(abs(spectrum[bin].x - Double(count)) <= 1e-12 * Double(count))
        spectrum[bin] = .zero
        #expect(norm(spectrum) <= 1e-13 * Double(count))
    }

    @Test func givesHalfTheSpectrumOfRealSamples() {
        for count in [9, 10, 250] {
            let samples = Fixtures.noise(count: count)
            let transform = FourierTransform(length: count)
            let half = transform.forward(real: samples)
            let whole = transform.forward(samples.map { Complex($0, 0) })
            #expect(half.count == count / 2 + 1)
            #expect(half == Array(whole.prefix(half.count)))
        }
    }

    @Test func isLinear() {
        let transform = FourierTransform(length: 2_570)
        let a = noise(2_570)
        let b = Array(a.reversed())
        let together = transform.forward(zip(a, b).map { 3 * $0 - 0.5 * $1 })
        let apart = zip(transform.forward(a), transform.forward(b)).map { 3 * $0 - 0.5 * $1 }
        #expect(distance(together, apart) <= 1e-14 * norm(together))
    }

    /// A bound that only a quadratic transform would miss (at 20,000 samples it takes about a second).
    @Test(arguments: [20_000, 19_997]) func isFast(count: Int) {
        let transform = FourierTransform(length: count)
        let samples = noise(count)
        let best = (0..<5).map { _ in ContinuousClock().measure { _ = transform.forward(samples) } }.min()
        let time = milliseconds(best ?? .seconds(100))
        print("one transform of \(count) samples: \(time) ms")
        #expect(time < 50)
    }
}

@Suite struct FourierResamplerTests {
    private struct Vector: Decodable {
        let input: [Double]
        let output: [Double]
    }

    @Test func agreesWithScipy() throws {
        let vectors: [Vector] = try Fixtures.json("scipy/resample.json")
        #expect(vectors.count == 21)
        for vector in vectors {
            let resampler = FourierResampler(
                inputCount: vector.input.count, outputCount: vector.output.count)
            let found = resampler.resample(vector.input)
            #expect(
                largestDifference(found, vector.output) < 1e-14,
                "\(vector.input.count) to \(vector.output.count)")
        }
    }

    @Test func keepsTwoSignalsApart() {
        let one = Fixtures.noise(count: 514)
        let other = one.map { 1_000 * $0 * $0 }
        let resampler = FourierResampler(inputCount: 514, outputCount: 500)
        let both = resampler.resample(zip(one, other).map { Complex($0, $1) })
        #expect(largestDifference(both.map(\.x), resampler.resample(one)) < 1e-12)
        #expect(largestDifference(both.map(\.y), resampler.resample(other)) < 1e-12)
    }
}

import Foundation
import Preprocessing
import Testing

/// Poles of the digital Butterworth filter: those of the analogue one through the bilinear transform.
///
/// Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.2: with the corner prewarped to
/// c = tan(pi corner/rate), an analogue pole s (corner 1) becomes z = (1 + c s)/(1 - c s) for the low-pass, and
/// z = (1 + c/s)/(1 - c/s) for the high-pass, whose poles are the reciprocals.
private func poles(order: Int, corner: Double, rate: Double, highPass: Bool) -> [Complex] {
    let c = tan(.pi * corner / rate)
    return (0..<order).map { index in
        let angle = Double.pi * Double(2 * index + order + 1) / Double(2 * order)
        let s = Complex(cos(angle), highPass ? -sin(angle) : sin(angle))
        return quotient(Complex(1, 0) + c * s, Complex(1, 0) - c * s)
    }
}

private func quotient(_ a: Complex, _ b: Complex) -> Complex {
    let size = b.x * b.x + b.y * b.y
    return Complex((a.x * b.x + a.y * b.y) / size, (a.y * b.x - a.x * b.y) / size)
}

private func response(_ sections: [SecondOrderSection], hertz: Double) -> Double {
    let angle = 2 * Double.pi * hertz / 250
    let one = Complex(cos(angle), -sin(angle))
    let two = Complex(cos(2 * angle), -sin(2 * angle))
    return sections.reduce(1) { gain, section in
        let numerator = Complex(section.b0, 0) + section.b1 * one + section.b2 * two
        let denominator = Complex(1, 0) + section.a1 * one + section.a2 * two
        let value = quotient(numerator, denominator)
        return gain * (value.x * value.x + value.y * value.y).squareRoot()
    }
}

@Suite struct ButterworthTests {
    @Test(arguments: [(false, 40.0), (true, 0.67)])
    func sectionsAreTheBilinearTransformOfTheAnalogueFilter(highPass: Bool, corner: Double) throws {
        let sections = highPass ? Butterworth.highPass : Butterworth.lowPass
        let poles = poles(order: 5, corner: corner, rate: 250, highPass: highPass)
        // Upper half plane and the real pole, nearest the unit circle last, as the sections are ordered.
        let upper = poles.filter { $0.y > -1e-12 }.sorted { size($0) < size($1) }
        #expect(upper.count == 3)
        for section in sections {
            let isFirstOrder = section.a2 == 0
            let match = upper.contains { pole in
                isFirstOrder
                    ? abs(pole.y) < 1e-12 && abs(section.a1 + pole.x) < 1e-12
                    : abs(section.a1 + 2 * pole.x) < 1e-12 && abs(section.a2 - size(pole)) < 1e-12
            }
            #expect(match, "no pole for \(section)")
        }
        // Zeros: five at 1 (constant) or at -1 (half the rate); the gain of the pass band is 1.
        let sign = highPass ? -1.0 : 1.0
        let numerators = sections.map { [$0.b0, $0.b1, $0.b2] }.reduce([1.0], product)
        let expected = [1, 5, 10, 10, 5, 1].enumerated().map { index, binomial in
            numerators[0] * Double(binomial) * (index % 2 == 0 ? 1 : sign)
        }
        #expect(largestDifference(numerators.prefix(6), expected) < 1e-14)
        #expect(numerators.dropFirst(6).allSatisfy { $0 == 0 })
        #expect(abs(response(sections, hertz: highPass ? 125 : 0) - 1) < 1e-12)
        #expect(abs(response(sections, hertz: corner) - 0.5.squareRoot()) < 1e-9)
    }

    private func size(_ pole: Complex) -> Double { pole.x * pole.x + pole.y * pole.y }

    private func product(_ a: [Double], _ b: [Double]) -> [Double] {
        var product = [Double](repeating: 0, count: a.count + b.count - 1)
        for (i, x) in a.enumerated() { for (j, y) in b.enumerated() { product[i + j] += x * y } }
        return product
    }
}

@Suite struct ZeroPhaseFilterTests {
    private struct Vector: Decodable {
        let kind: String
        let input: [Double]
        let output: [Double]
        let sections: [[Double]]
    }

    @Test func agreesWithScipy() throws {
        let vectors: [Vector] = try Fixtures.json("scipy/sosfiltfilt.json")
        #expect(vectors.count == 4)
        for vector in vectors {
            let sections = vector.kind == "highpass" ? Butterworth.highPass : Butterworth.lowPass
            let ours: [[Double]] = sections.map { [$0.b0, $0.b1, $0.b2, 1, $0.a1, $0.a2] }
            #expect(largestDifference(ours.joined(), vector.sections.joined()) < 1e-14)
            let filter = ZeroPhaseFilter(sections: sections)
            #expect(filter.padding == 18)
            let found = filter.filter([vector.input])
            // The slow high-pass poles multiply rounding, and those of the coefficients' last digit, by about 10^4.
            #expect(largestDifference(found[0], vector.output) < 1e-10, "\(vector.kind)")
        }
    }

    @Test func filtersEachSignalAsIfAlone() {
        let filter = ZeroPhaseFilter(sections: Butterworth.lowPass)
        let signals = (1...7).map { scale in Fixtures.noise(count: 100).map { Double(scale) * $0 + 1 } }
        let together = filter.filter(signals)
        #expect(together == signals.map { filter.filter([$0])[0] })
    }

    @Test func keepsConstantsOrRemovesThem() {
        let constant = [Double](repeating: 3, count: 400)
        let low = ZeroPhaseFilter(sections: Butterworth.lowPass).filter([constant])[0]
        #expect(largestDifference(low, constant) < 1e-12)
        let high = ZeroPhaseFilter(sections: Butterworth.highPass).filter([constant])[0]
        #expect(largestDifference(high, constant.map { _ in 0 }) < 1e-12)
    }

    @Test func doesNotDelay() {
        let hill = (0..<401).map { exp(-pow(Double($0 - 200) / 10, 2)) }
        let filtered = ZeroPhaseFilter(sections: Butterworth.lowPass).filter([hill])[0]
        #expect(largestDifference(filtered, filtered.reversed()) < 1e-9)
        #expect(filtered.max() == filtered[200])
    }
}

import Preprocessing
import Testing

@Suite struct LinearResamplerTests {
    @Test func keepsBothEndsAndJoinsThemByLines() {
        let resampler = LinearResampler(inputCount: 3, outputCount: 5)
        #expect(resampler.resample([1, 3, 2]) == [1, 2, 3, 2.5, 2])
        #expect(LinearResampler(inputCount: 5, outputCount: 3).resample([1, 9, 3, 9, 2]) == [1, 3, 2])
        #expect(LinearResampler(inputCount: 5, outputCount: 1).resample([4, 9, 3, 9, 2]) == [4])
    }

    @Test(arguments: [(2_570, 5_000), (5_000, 2_500), (4_999, 5_000), (2, 2_500), (19_997, 2_501)])
    func drawsALineAsALine(counts: (Int, Int)) {
        let slope = Double(counts.1 - 1) / Double(counts.0 - 1)
        let line = (0..<counts.0).map { 2 * Double($0) * slope + 1 }
        let found = LinearResampler(inputCount: counts.0, outputCount: counts.1).resample(line)
        #expect(largestDifference(found, (0..<counts.1).map { 2 * Double($0) + 1 }) < 1e-9)
    }

    @Test func leavesTheSameRateAlone() {
        let samples = Fixtures.noise(count: 100)
        #expect(LinearResampler(inputCount: 100, outputCount: 100).resample(samples) == samples)
    }
}

@Suite struct StandardisationTests {
    @Test func standardisesLeadsTogether() {
        var leads: [[Double]] = [[1, 3], [5, 7]]
        Standardisation.standardiseTogether(&leads)
        let unit = 5.0.squareRoot()
        #expect(leads == [[-3 / unit, -1 / unit], [1 / unit, 3 / unit]])
        var equal: [[Double]] = [[2, 2], [2, 2]]
        Standardisation.standardiseTogether(&equal)
        #expect(equal == [[0, 0], [0, 0]])
    }

    @Test func standardisesALeadByItself() {
        var lead: [Double] = [1, 3]
        Standardisation.standardise(&lead)
        #expect(lead == [-1, 1])
    }

    /// The mean of 0.1 over 5,000 samples is not 0.1: testing the deviation for 0 would divide noise by noise.
    @Test func makesZerosOfAConstantLead() {
        var lead = [Double](repeating: 0.1, count: 5_000)
        Standardisation.standardise(&lead)
        #expect(lead.allSatisfy { $0 == 0 })
    }
}

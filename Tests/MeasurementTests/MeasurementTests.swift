import Encoders
import Measurement
import Tensor
import Testing

@Suite struct MeasurementTests {
    @Test func distributionOfFourTimes() throws {
        let times = try #require(Distribution(milliseconds: [4, 1, 3, 2]))
        #expect(times.minimum == 1 && times.maximum == 4 && times.mean == 2.5 && times.median == 2.5)
        #expect(times.percentile(50) == 2 && times.percentile(51) == 3 && times.percentile(95) == 4)
        #expect(times.percentile(0) == 1 && times.percentile(100) == 4)
        #expect(Distribution(milliseconds: [7])?.median == 7)
        #expect(Distribution(milliseconds: []) == nil)
    }

    /// Counted by hand from the architectures: 384 tokens, 360 patches of 75; 156 steps, convolutions of 2 x 12 and
    /// 2 x 256 inputs, 128 taps over 48 channels.
    @Test func operationsAreThoseOfTheAuthorsNetworks() throws {
        let subjects = try EncoderSubject.published()
        let stMEM =
            2 * (360 * 75 * 768 + 12 * (384 * 768 * (3 * 768 + 768 + 2 * 3_072) + 2 * 384 * 384 * 768))
        #expect(subjects[0].operations == stMEM)
        let convolutions = 256 * (1_250 * 24 + 625 * 512 + 312 * 512 + 156 * 512)
        let layers = 12 * (156 * 768 * (4 * 768 + 2 * 3_072) + 2 * 156 * 156 * 768)
        let window = 2 * (convolutions + 156 * 256 * 768 + 156 * 768 * 48 * 128 + layers)
        #expect(subjects[1].operations == 2 * window)
        #expect(subjects.map { $0.windows.count } == [1, 2])
    }

    /// The figures of a row belong together; how large they are is the machine's affair.
    @Test func figuresOfARowAgree() throws {
        let encoder = try STMEMEncoder(
            config: STMEMConfig(
                seqLen: 150, patchSize: 75, numLeads: 12, width: 64, depth: 2, heads: 2, dimHead: 32,
                mlpDim: 128),
            weights: SeededWeights())
        let pool = WorkerPool(threads: 1)
        let speeds = try EncoderSpeed.measure([EncoderSubject(encoder)], pools: [pool], rounds: 3)
        let speed = try #require(speeds.first)
        #expect(speed.times.count == 3 && speed.threads == 1 && speed.peakGFLOPS > 1)
        #expect(abs(speed.shareOfPeak * speed.peakGFLOPS - speed.gflops) < 1e-6 * speed.gflops)
        #expect(abs(speed.gflops * speed.times.median * 1e6 - Double(speed.operations)) < 1)
    }
}

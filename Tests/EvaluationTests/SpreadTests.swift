import Evaluation
import Testing

@Suite struct SpreadTests {
    /// numpy: np.std([.1, .4, .4, .7], ddof=1) is 0.2449489742783178.
    @Test func takesTheSampleDeviation() {
        let spread = Spread([0.1, 0.4, 0.4, 0.7])
        #expect(abs(spread.mean - 0.4) < 1e-15)
        #expect(abs(spread.standardDeviation - 0.244_948_974_278_317_8) < 1e-15)
        #expect(Spread([0.5]).standardDeviation.isNaN)
    }
}

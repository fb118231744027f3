import Service
import Testing

@Suite struct ClientLimitTests {
    @Test func aPlaceComesBackWhenItsWorkEnds() {
        let limit = ClientLimit(2)
        var places = [limit.take("10.0.0.1"), limit.take("10.0.0.1")]
        #expect(places.allSatisfy { $0 != nil })
        #expect(limit.take("10.0.0.1") == nil)
        // Another client is not held up.
        #expect(limit.take("10.0.0.2") != nil)
        places.removeLast()
        #expect(limit.take("10.0.0.1") != nil)
    }

    @Test func withoutALimitThereIsAlwaysAPlace() {
        let limit = ClientLimit(nil)
        #expect((0..<100).map { _ in limit.take("10.0.0.1") }.allSatisfy { $0 != nil })
    }
}

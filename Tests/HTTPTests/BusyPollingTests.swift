import HTTP
import Testing

@Suite struct BusyPollingTests {
    private let short = BusyPolling.longest
    private let long = BusyPolling.longest * 3

    @Test("a thread sleeps at once until a short sleep has shown that it need not")
    func begins() {
        var polling = BusyPolling()
        #expect(!polling.isWorthwhile)
        polling.hasSlept(long)
        #expect(!polling.isWorthwhile)
        polling.hasSlept(short)
        #expect(polling.isWorthwhile)
    }

    @Test("one short sleep is worth one attempt")
    func tries() {
        var polling = BusyPolling()
        polling.hasSlept(short)
        polling.hasAsked(andFound: false)
        #expect(!polling.isWorthwhile)
    }

    @Test("a thread that has found something goes on asking, until it has not for a while")
    func persists() {
        var polling = BusyPolling()
        polling.hasSlept(short)
        polling.hasAsked(andFound: true)
        var attempts = 0
        while polling.isWorthwhile, attempts < 1_000 {
            polling.hasAsked(andFound: false)
            attempts += 1
        }
        #expect(attempts == 8)
    }
}

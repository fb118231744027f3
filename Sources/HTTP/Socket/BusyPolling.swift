/// Decides whether a thread that has nothing to do asks again for a moment before it sleeps.
///
/// To sleep and be woken costs tens of microseconds, most of all on virtual machines: more than a small request.
/// A client that sends its next request as soon as it has an answer comes back sooner than that; asking until then
/// costs less processor time than the sleep, and the answer is not late. A thread that would sleep for long sleeps at
/// once: asking has to pay before it is done again, as when a hypervisor polls for a halted processor (Linux,
/// Documentation/virt/kvm/halt-polling.rst).
package struct BusyPolling {
    /// The longest that a thread asks before it sleeps.
    package static let longest = Duration.microseconds(50)
    /// After it has found something, so many attempts in a row may find nothing.
    private static let patience = 8

    private var attempts = 0

    package init() {}

    /// Asking has paid of late, or might have.
    package var isWorthwhile: Bool { attempts > 0 }

    /// The thread asked, until something came or it had asked for long enough.
    package mutating func hasAsked(andFound found: Bool) {
        attempts = found ? BusyPolling.patience : attempts - 1
    }

    /// The thread slept at once, and something came: a short sleep, most of which may be the waking, is worth an
    /// attempt.
    package mutating func hasSlept(_ time: Duration) {
        if time <= BusyPolling.longest * 2 { attempts = max(attempts, 1) }
    }
}

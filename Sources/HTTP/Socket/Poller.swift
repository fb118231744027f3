private import CPlatform
private import Glibc

/// Waits for many descriptors at once (epoll(7), level-triggered), and for a bell that other threads ring.
///
/// One thread waits; ``ring()`` may be called from any. Descriptors stay their owners' to close, which also removes
/// them.
@safe final class Poller: @unchecked Sendable {
    /// What a descriptor is waited for.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static let reading = Interest(rawValue: UInt32(FIRSTLEAD_POLL_READ))
        static let writing = Interest(rawValue: UInt32(FIRSTLEAD_POLL_WRITE))
        /// Several pollers wait for it, of which one is to be woken.
        static let shared = Interest(rawValue: UInt32(FIRSTLEAD_POLL_SHARED))
    }

    /// What is so of the descriptor that was added with this token.
    struct Event {
        let token: Int
        let isReadable: Bool
        let isWritable: Bool
        /// An error, or both directions are shut: told without being asked for, until the descriptor is closed.
        let hasEnded: Bool
    }

    /// The bell's token, which no descriptor may have.
    private static let bellToken = Int64.min

    private let descriptor: Int32
    private let bell: Int32
    private let events: UnsafeMutablePointer<firstlead_poll_event>
    private var busyPolling = BusyPolling()

    /// Throws: ``ListenError``, for the address that is to be served, when the system has no descriptor left.
    init(for address: BoundAddress) throws(ListenError) {
        func failure(_ operation: String) -> ListenError {
            ListenError(operation, for: address, code: errno)
        }
        let descriptor = firstlead_poller_open()
        guard descriptor >= 0 else { throw failure("epoll_create1") }
        let bell = firstlead_bell_open()
        guard bell >= 0,
            firstlead_poller_add(descriptor, bell, Poller.bellToken, Interest.reading.rawValue) == 0
        else {
            let cause = failure("eventfd")
            if bell >= 0 { _ = close(bell) }
            _ = close(descriptor)
            throw cause
        }
        self.descriptor = descriptor
        self.bell = bell
        unsafe events = .allocate(capacity: Int(FIRSTLEAD_POLL_CAPACITY))
    }

    deinit {
        _ = close(bell)
        _ = close(descriptor)
        unsafe events.deallocate()
    }

    /// False when the system has no room for it.
    func add(_ descriptor: Int32, token: Int, interest: Interest) -> Bool {
        firstlead_poller_add(self.descriptor, descriptor, Int64(token), interest.rawValue) == 0
    }

    func change(_ descriptor: Int32, token: Int, interest: Interest) {
        _ = firstlead_poller_change(self.descriptor, descriptor, Int64(token), interest.rawValue)
    }

    func remove(_ descriptor: Int32) { _ = firstlead_poller_remove(self.descriptor, descriptor) }

    /// Ends the wait that goes on, or the next one.
    func ring() { firstlead_bell_ring(bell) }

    /// Waits until a descriptor is ready, the bell rings or `time` has come, then hands over each event.
    func wait(until time: Instant?, _ handle: (Event) -> Void) {
        let count = awaken(by: time)
        // An interrupted wait is one that found nothing.
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            guard event.token != Poller.bellToken else {
                firstlead_bell_silence(bell)
                continue
            }
            let state = Interest(rawValue: event.state)
            handle(
                Event(
                    token: Int(event.token), isReadable: state.contains(.reading),
                    isWritable: state.contains(.writing),
                    hasEnded: event.state & UInt32(FIRSTLEAD_POLL_ENDED) != 0))
        }
    }

    /// How many events there are: asks for a moment where that pays, or else sleeps.
    private func awaken(by time: Instant?) -> Int32 {
        let start = Instant.now
        if let time, time <= start { return check() }
        if busyPolling.isWorthwhile {
            let end = start + BusyPolling.longest
            let count = ask(until: min(time ?? end, end))
            busyPolling.hasAsked(andFound: count > 0)
            return count != 0 ? count : sleep(until: time)
        }
        let count = sleep(until: time)
        if count > 0 { busyPolling.hasSlept(.now - start) }
        return count
    }

    private func ask(until end: Instant) -> Int32 {
        while true {
            let count = check()
            if count != 0 || end <= .now { return count }
        }
    }

    private func check() -> Int32 { unsafe firstlead_poller_wait(descriptor, events, 0) }

    private func sleep(until time: Instant?) -> Int32 {
        unsafe firstlead_poller_wait(descriptor, events, Poller.milliseconds(until: time))
    }

    /// Rounded up, so that a wait never ends just before its time; -1 is for ever.
    private static func milliseconds(until time: Instant?) -> Int32 {
        guard let time else { return -1 }
        let wait = (time - .now).components
        guard wait.seconds >= 0, wait.attoseconds >= 0 else { return 0 }
        guard wait.seconds < 1_000_000 else { return 1_000_000_000 }
        return Int32(wait.seconds * 1_000 + (wait.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

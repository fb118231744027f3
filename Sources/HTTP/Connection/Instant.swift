private import Glibc

/// A time on the system's clock that never goes back and counts while the machine sleeps (CLOCK_BOOTTIME), which is also
/// that of `ContinuousClock`.
///
/// Unlike `ContinuousClock.Instant`, whose layout is found at run time, it is one integer: whatever holds one, as every
/// request does, is copied without asking.
package struct Instant: Sendable, Hashable, Comparable {
    private var nanoseconds: Int64

    /// The current time.
    package static var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Beyond a hundred years it makes no difference how far.
    package static func + (time: Instant, duration: Duration) -> Instant {
        let parts = duration.components
        let seconds = min(max(parts.seconds, -3_200_000_000), 3_200_000_000)
        return Instant(
            nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }

    package static func += (time: inout Instant, duration: Duration) { time = time + duration }

    package static func - (time: Instant, duration: Duration) -> Instant { time + (.zero - duration) }

    package static func - (end: Instant, start: Instant) -> Duration {
        .nanoseconds(end.nanoseconds - start.nanoseconds)
    }
}

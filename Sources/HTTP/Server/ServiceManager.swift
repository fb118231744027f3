private import Glibc

/// Tells systemd how the service does: datagrams to the socket that `$NOTIFY_SOCKET` names (sd_notify(3)).
///
/// Without that variable nothing is sent. What cannot be sent is dropped: a service does not fail because its
/// manager does not listen.
package struct ServiceManager: Sendable {
    private let path: String?
    /// How often the manager expects ``noteAlive()``; nil when it does not. Half of this is a good pace.
    package let watchdogSeconds: Double?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    package init(environment: [String: String], processID: Int32 = getpid()) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Double.init) ?? 0
        watchdogSeconds = isMeant && microseconds > 0 ? microseconds / 1e6 : nil
    }

    /// The service listens; `status` is for people.
    package func noteReady(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// The service reads its files anew; ``noteReady(_:)`` follows.
    package func noteReloading() {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        send("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)")
    }

    /// The service ends.
    package func noteStopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }

    /// The service is not stuck.
    package func noteAlive() { send("WATCHDOG=1") }

    private func send(_ state: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // A name in the abstract namespace begins with NUL, and its length is its end (unix(7)).
        if bytes[0] == UInt8(ascii: "@") { address.sun_path.0 = 0 }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { _ = close(descriptor) }
        let message = Array(state.utf8)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), pointer,
                    length)
            }
        }
    }
}

private import Glibc

/// How many files and sockets the system lets this process have open.
package enum DescriptorLimit {
    /// For the process itself: listeners, queues, logs, mapped files.
    private static let reserved = 64

    /// Raises the soft limit as far as `wanted` connections need and the hard limit allows; returns how many
    /// connections there is room for, at most `wanted`.
    package static func connections(wanted: Int) -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return wanted
        }
        // Refusing a connection takes a descriptor too, so a tenth is left for that.
        let needed = rlim_t(reserved + wanted + wanted / 10)
        if limit.rlim_cur < needed {
            limit.rlim_cur = min(needed, limit.rlim_max)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let room = max(1, Int(clamping: limit.rlim_cur) - reserved)
        return room >= wanted + wanted / 10 ? wanted : max(1, min(wanted, room * 10 / 11))
    }
}

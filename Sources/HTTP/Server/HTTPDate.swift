private import Glibc
private import Synchronization

/// Writes times as HTTP does.
package enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// IMF-fixdate (RFC 9110 §5.6.7) of a time in seconds since 1970, UTC.
    package static func format(unixSeconds: Int) -> String {
        var time = time_t(unixSeconds)
        var parts = unsafe tm()
        unsafe gmtime_r(&time, &parts)
        let day = unsafe days[Int(parts.tm_wday)]
        let month = unsafe months[Int(parts.tm_mon)]
        let date = unsafe "\(padded(parts.tm_mday)) \(month) \(1900 + Int(parts.tm_year))"
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(padded).joined(separator: ":")
        return "\(day), \(date) \(clock) GMT"
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The current time as an IMF-fixdate, formatted once a second.
final class DateCache: Sendable {
    private let last = Mutex((second: -1, text: ""))

    var text: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = (second, HTTPDate.format(unixSeconds: second)) }
            return last.text
        }
    }
}

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

/// Request ids: 128 random bits in the form of a UUID, version 4 (RFC 9562 §5.4).
package enum RequestID {
    /// A new one, from the system's random numbers.
    package static func make() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var halves = [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        halves[0] = halves[0] & ~0xF000 | 0x4000
        halves[1] = halves[1] & ~(0b11 << 62) | 0b10 << 62
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for nibble in 0..<32 {
            if [8, 12, 16, 20].contains(nibble) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(halves[nibble / 16] >> UInt64(60 - nibble % 16 * 4) & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

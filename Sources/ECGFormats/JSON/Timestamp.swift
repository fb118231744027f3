/// A time by RFC 3339 section 5.6, brought to UTC.
struct Timestamp {
    /// "2024-02-29T23:59:59.5Z"
    let utc: String

    /// Nil for what is no date, time and offset; a leap second is refused.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40 else { return nil }
        let number = { (range: Range<Int>) -> Int? in
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (13, ":"), (16, ":")]
        guard marks.allSatisfy({ bytes[$0.0] == $0.1.asciiValue }), bytes[10] | 0x20 == UInt8(ascii: "t"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...9998).contains(year), (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var end = 19
        if bytes[end] == UInt8(ascii: ".") {
            end += 1
            while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
            guard end > 20 else { return nil }
        }
        let fraction = String(decoding: bytes[19..<end], as: UTF8.self)
        guard let offset = Self.offsetMinutes(bytes[end...], number) else { return nil }
        let minutes = (Self.dayNumber(year, month, day) * 24 + hour) * 60 + minute - offset
        utc = Self.format(minutes: minutes, second: second, fraction: fraction)
    }

    private static func offsetMinutes(_ zone: ArraySlice<UInt8>, _ number: (Range<Int>) -> Int?) -> Int? {
        guard let sign = zone.first else { return nil }
        if zone.count == 1 { return sign | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        let start = zone.startIndex
        guard zone.count == 6, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            zone[start + 3] == UInt8(ascii: ":"), let hours = number(start + 1..<start + 3), hours < 24,
            let minutes = number(start + 4..<start + 6), minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(in month: Int, of year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1 January of the year 1 (proleptic Gregorian calendar).
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let before = year - 1
        let days = (1..<month).reduce(0) { $0 + Self.days(in: $1, of: year) }
        return before * 365 + before / 4 - before / 100 + before / 400 + days + day - 1
    }

    private static func format(minutes: Int, second: Int, fraction: String) -> String {
        let (day, minute) = (minutes >= 0 ? minutes / 1_440 : 0, max(0, minutes) % 1_440)
        var year = day * 400 / 146_097 + 1
        while dayNumber(year, 1, 1) > day { year -= 1 }
        while dayNumber(year + 1, 1, 1) <= day { year += 1 }
        var month = 1
        while month < 12, dayNumber(year, month + 1, 1) <= day { month += 1 }
        let parts = [month, day - dayNumber(year, month, 1) + 1, minute / 60, minute % 60, second].map {
            $0 < 10 ? "0\($0)" : "\($0)"
        }
        let padded = String(repeating: "0", count: 4 - "\(year)".count) + "\(year)"
        return "\(padded)-\(parts[0])-\(parts[1])T\(parts[2]):\(parts[3]):\(parts[4])\(fraction)Z"
    }
}

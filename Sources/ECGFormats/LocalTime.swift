/// Dates and times of a device's clock, of which files do not say the zone.
enum LocalTime {
    /// "2011-12-01T07:27:34" of a date "2011-12-01" and a time "07:27:34" (fractions are dropped); nil for anything else.
    static func joined(date: String?, time: String?) -> String? {
        guard let date, let time else { return nil }
        return checked("\(date)T\(time)")
    }

    /// "2002-11-22T09:10:00" of "20021122091000" and whatever follows; nil for anything else.
    static func compact(_ text: String?) -> String? {
        guard let digits = text?.utf8.prefix(while: { (0x30...0x39).contains($0) }), digits.count >= 14 else {
            return nil
        }
        let all = Array(digits.prefix(14)).map { String(UnicodeScalar($0)) }
        let part = { (range: Range<Int>) in all[range].joined() }
        return checked(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))")
    }

    /// The first nineteen characters if they are a date and time that can be.
    static func checked(_ text: String) -> String? {
        let time = String(text.prefix(19))
        return Timestamp(time + "Z").map { String($0.utc.dropLast()) }
    }

    /// Of numbers; nil for what is no date and time, and for the first of January of 1900 or 1985, which de-identified files
    /// have.
    static func of(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> String? {
        guard !(month == 1 && day == 1 && (year == 1900 || year == 1985)), (1..<10_000).contains(year) else {
            return nil
        }
        let two = [month, day, hour, minute, second].map { (0..<10).contains($0) ? "0\($0)" : "\($0)" }
        let four = String(repeating: "0", count: 4 - "\(year)".count) + "\(year)"
        return checked("\(four)-\(two[0])-\(two[1])T\(two[2]):\(two[3]):\(two[4])")
    }
}

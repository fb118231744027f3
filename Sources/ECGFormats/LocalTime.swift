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
}

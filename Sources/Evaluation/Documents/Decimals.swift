extension Double {
    /// Of a p value: three decimals, "< 0.001" for what they cannot show.
    var asPValue: String { self < 0.0005 ? "< 0.001" : decimals(3) }

    /// With a fixed number of decimals, "0.843"; "-" for what is not a number.
    func decimals(_ count: Int) -> String {
        guard isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        let units = (magnitude * scale).rounded()
        guard units < 1e15 else { return description }
        let digits = String(Int(units))
        let padded = String(repeating: "0", count: Swift.max(0, count + 1 - digits.count)) + digits
        let sign = self < 0 && units > 0 ? "-" : ""
        return count == 0 ? sign + padded : sign + padded.dropLast(count) + "." + padded.suffix(count)
    }
}

extension String {
    /// Filled with blanks to a column's width.
    func column(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}

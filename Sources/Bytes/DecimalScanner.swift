/// Reads decimal numbers out of text bytes, correctly rounded, without making a string.
///
/// Up to 19 digits go into an integer; when it is at most 2^53 and the power of ten at most 10^22, one
/// multiplication or division of two exact doubles rounds once and is therefore exact (W. D. Clinger, How to
/// read floating point numbers accurately, PLDI 1990). All else goes through the standard library's `Double`.
package enum DecimalScanner {
    /// How a number may be written.
    package enum Grammar: Sendable {
        /// RFC 8259 section 6: no plus sign, no leading zeros, digits on both sides of the point.
        case json
        /// As spreadsheets write: a plus sign, leading zeros, ".5" and "5." too.
        case table
    }

    /// Scans the longest number that starts at `index` and moves `index` behind it.
    ///
    /// Nil, with `index` at the byte that is wrong, when there is none. The result may be infinite.
    @inline(__always)
    package static func scan(
        _ bytes: [UInt8], at index: inout Int, grammar: Grammar = .json, decimalMark: UInt8 = 0x2E
    ) -> Double? {
        let start = index
        let end = bytes.count
        let negative = index < end && bytes[index] == minus
        if negative || (grammar == .table && index < end && bytes[index] == plus) { index += 1 }
        var number = Accumulator()
        let integerStart = index
        number.addDigits(of: bytes, at: &index)
        let integerDigits = index - integerStart
        guard integerDigits > 0 || grammar == .table else { return nil }
        if grammar == .json, integerDigits > 1, bytes[integerStart] == zero {
            index = integerStart + 1
            return nil
        }
        if index < end, bytes[index] == decimalMark {
            index += 1
            let fractionStart = index
            number.addDigits(of: bytes, at: &index)
            let fractionDigits = index - fractionStart
            guard fractionDigits > 0 || (grammar == .table && integerDigits > 0) else { return nil }
            number.exponent -= fractionDigits
        } else if integerDigits == 0 {
            return nil
        }
        if index < end, bytes[index] | 0x20 == 0x65 {
            guard let exponent = scanExponent(bytes, at: &index) else { return nil }
            number.exponent += exponent
        }
        if let magnitude = number.exactMagnitude { return negative ? -magnitude : magnitude }
        return slowly(bytes[start..<index], decimalMark: decimalMark)
    }

    private static let minus: UInt8 = 0x2D
    private static let plus: UInt8 = 0x2B
    private static let zero: UInt8 = 0x30

    /// The digits seen so far: value = mantissa times 10^exponent, valid while `digits` is at most 19.
    private struct Accumulator {
        var mantissa: UInt64 = 0
        /// Leading zeros included.
        var digits = 0
        var exponent = 0

        @inline(__always)
        mutating func addDigits(of bytes: [UInt8], at index: inout Int) {
            let (start, end) = (index, bytes.count)
            var place = start
            var value = mantissa
            while place < end {
                let digit = bytes[place] &- 0x30
                guard digit < 10 else { break }
                value = value &* 10 &+ UInt64(digit)
                place &+= 1
            }
            mantissa = value
            index = place
            digits &+= place &- start
        }

        /// The value if one rounding suffices.
        @inline(__always)
        var exactMagnitude: Double? {
            guard digits <= 19, mantissa <= 1 << 53, (-22...22).contains(exponent) else { return nil }
            let significand = Double(mantissa)
            return exponent < 0
                ? significand / powersOfTen[-exponent] : significand * powersOfTen[exponent]
        }
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
        1e19, 1e20, 1e21, 1e22,
    ]

    /// The exponent after its "e"; values beyond a million are all the same (zero or infinity).
    private static func scanExponent(_ bytes: [UInt8], at index: inout Int) -> Int? {
        let end = bytes.count
        index += 1
        let negative = index < end && bytes[index] == minus
        if index < end, negative || bytes[index] == plus { index += 1 }
        let start = index
        var exponent = 0
        while index < end {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { break }
            exponent = min(exponent * 10 + Int(digit), 1_000_000)
            index += 1
        }
        guard index > start else { return nil }
        return negative ? -exponent : exponent
    }

    private static func slowly(_ text: ArraySlice<UInt8>, decimalMark: UInt8) -> Double? {
        let pointed = text.map { $0 == decimalMark ? 0x2E : $0 }
        return Double(String(decoding: pointed, as: UTF8.self))
    }
}

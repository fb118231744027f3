import ECG

/// The sample rate that a column of times implies.
enum CSVTime {
    /// A step may differ from the mean one by this part of it: times of 360 Hz rounded to milliseconds differ
    /// by 0.28, a lost sample by 1.
    private static let stepTolerance = 0.45
    /// A rate this close to a whole number of hertz is that number, the times being rounded.
    private static let snapTolerance = 0.0005

    /// The rate of evenly spaced times, in units of `seconds`.
    ///
    /// Throws: ``FormatError`` naming the line of the first uneven step.
    static func sampleRate(
        of times: [Double], seconds: Double, firstLine: Int, column: Int
    ) throws(FormatError) -> SampleRate {
        let step = try meanStep(of: times, firstLine: firstLine, column: column)
        var hertz = 1 / (step * seconds)
        let whole = hertz.rounded()
        if abs(hertz - whole) <= snapTolerance * hertz { hertz = whole }
        do { return try SampleRate(hertz: hertz) } catch {
            throw FormatError(error, place: .line(firstLine, column: column))
        }
    }

    /// The rate that a column repeats in every row; rows without it (NaN) say nothing.
    ///
    /// Throws: ``FormatError`` when no row has it, or two differ.
    static func constantRate(
        _ values: [Double], firstLine: Int, column: Int
    ) throws(FormatError) -> SampleRate {
        guard let first = values.first(where: { !$0.isNaN }) else {
            throw FormatError(
                .sampleRateMissing, place: .line(firstLine, column: column),
                detail: "the column has no number")
        }
        if let row = values.firstIndex(where: { !$0.isNaN && $0 != first }) {
            throw FormatError(
                .sampleRateConflict, place: .line(firstLine + row, column: column),
                detail: "the rate is \(values[row]) Hz here and \(first) Hz before")
        }
        do { return try SampleRate(hertz: first) } catch { throw FormatError(error) }
    }

    /// Numbers of rows, from any on: one that is missing is a row that is missing.
    ///
    /// Throws: ``FormatError`` naming the first line that is not one more than the line before.
    static func requireConsecutive(_ values: [Double], firstLine: Int, column: Int) throws(FormatError) {
        guard let first = values.first else { return }
        for (row, value) in values.enumerated() where value != first + Double(row) || first != first.rounded()
        {
            throw FormatError(
                .malformed, place: .line(firstLine + row, column: column),
                detail: "the number of the row is \(value), expected \(first.rounded() + Double(row))")
        }
    }

    /// Checks that times are there, increase and are evenly spaced; returns the mean step.
    @discardableResult
    static func meanStep(
        of times: [Double], firstLine: Int, column: Int
    ) throws(FormatError) -> Double {
        guard times.count > 1, let first = times.first, let last = times.last else {
            throw FormatError(
                .malformed, place: .line(firstLine, column: column),
                detail: "one sample only, the sample rate needs two times")
        }
        let step = (last - first) / Double(times.count - 1)
        guard step > 0, step.isFinite else {
            throw FormatError(
                .malformed, place: .line(firstLine, column: column), detail: "the times do not increase")
        }
        for index in 1..<times.count {
            let found = times[index] - times[index - 1]
            // Not "greater": a time that is missing (NaN) must fail too.
            guard abs(found - step) <= stepTolerance * step else {
                throw FormatError(
                    .malformed, place: .line(firstLine + index, column: column),
                    detail: "the time steps by \(found), \(step) on average: expected even steps")
            }
        }
        return step
    }
}

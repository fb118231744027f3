/// What a count of a converter is in millivolts: ((count - baseline) x step + offset) / countsPerUnit, in a unit.
///
/// In double precision and in this order, rounded to single precision once.
package struct CountScale: Sendable, Equatable {
    /// The count that is 0 volts, where the file states one.
    package let baseline: Double
    /// Units of one count.
    package let step: Double
    /// Units that a count of 0 stands for, where the file states them.
    package let offset: Double
    /// Counts of one unit; a file states either this or the step, and the reciprocal of one may have no exact value.
    package let countsPerUnit: Double
    package let unit: VoltageUnit
    /// The count that marks a missing sample.
    package let missing: Int32?

    package init(
        baseline: Double = 0, step: Double = 1, offset: Double = 0, countsPerUnit: Double = 1,
        unit: VoltageUnit,
        missing: Int32? = nil
    ) {
        self.baseline = baseline
        self.step = step
        self.offset = offset
        self.countsPerUnit = countsPerUnit
        self.unit = unit
        self.missing = missing
    }

    /// NaN for a missing sample.
    package func millivolts(_ count: Int) -> Float {
        if let missing, count == Int(missing) { return .nan }
        let units = ((Double(count) - baseline) * step + offset) / countsPerUnit
        return Float(units / unit.unitsPerMillivolt)
    }
}

import ECG

/// A trace as the `d` attribute of an SVG path, in hundredths of a millimetre: integers, so that the same
/// recording gives the same bytes everywhere.
///
/// https://www.w3.org/TR/SVG11/paths.html#PathData
struct TracePath {
    /// Hundredths of a millimetre in a millimetre: on the paper's scale a microvolt, or 0.4 ms.
    static let unitsPerMillimetre = 100.0
    /// Samples a second beyond which several share a column: 0.05 mm is finer than any pen.
    static let columnsPerSecond = 500.0

    private(set) var data = ""
    private var pen: (x: Int, y: Int)?

    /// - Parameters:
    ///   - samples: Millivolts; NaN lifts the pen.
    ///   - x: Place of the first sample, in hundredths of a millimetre.
    ///   - y: Place of the zero line; up is less.
    init(_ samples: ArraySlice<Float>, sampleRate: SampleRate, x: Double, y: Double) {
        let unitsPerSample =
            PaperLayout.millimetresPerSecond * Self.unitsPerMillimetre / sampleRate.hertz
        let unitsPerMillivolt = PaperLayout.millimetresPerMillivolt * Self.unitsPerMillimetre
        let samplesPerColumn = max(1, Int((sampleRate.hertz / Self.columnsPerSecond).rounded(.down)))
        data.reserveCapacity(samples.count / samplesPerColumn * 8)
        var first = samples.startIndex
        while first < samples.endIndex {
            let column = samples[first..<min(first + samplesPerColumn, samples.endIndex)]
            for index in Self.extremes(of: column) {
                let place = x + Double(index - samples.startIndex) * unitsPerSample
                draw(to: place, samples[index].isNaN ? nil : y - Double(samples[index]) * unitsPerMillivolt)
            }
            first += samplesPerColumn
        }
    }

    /// The samples of a column that are drawn: lowest and highest in the order of time, so that no spike is lost.
    private static func extremes(of column: ArraySlice<Float>) -> [Int] {
        guard column.count > 2 else { return Array(column.indices) }
        if let gap = column.firstIndex(where: \.isNaN) { return [gap] }
        let low = column.indices.min { column[$0] < column[$1] } ?? column.startIndex
        let high = column.indices.max { column[$0] < column[$1] } ?? column.startIndex
        return low == high ? [low] : [min(low, high), max(low, high)]
    }

    private mutating func draw(to x: Double, _ y: Double?) {
        guard let y else {
            pen = nil
            return
        }
        let next = (x: Int(x.rounded()), y: Int(y.rounded()))
        if let pen {
            data += "l\(next.x - pen.x) \(next.y - pen.y)"
        } else {
            data += "M\(next.x) \(next.y)"
        }
        pen = next
    }
}

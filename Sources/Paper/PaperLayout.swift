import ECG

/// Where things stand on the paper: 25 mm a second, 10 mm a millivolt, three rows of four leads and a rhythm
/// strip, read from left to right.
///
/// Speed, gain, the order of the leads and the calibration pulse follow the AHA/ACCF/HRS recommendations for the
/// standardization of the electrocardiogram (Kligfield et al., Circulation 2007;115:1306).
enum PaperLayout {
    static let millimetresPerSecond = 25.0
    static let millimetresPerMillivolt = 10.0
    /// Seconds that the paper shows.
    static let seconds = 10.0

    /// The leads of the three rows, 2.5 s each, one after the other in time.
    static let rows: [[Lead]] = [
        [.I, .aVR, .V1, .V4], [.II, .aVL, .V2, .V5], [.III, .aVF, .V3, .V6],
    ]
    /// The lead of the fourth row, over all ten seconds.
    static let rhythmLead = Lead.II

    /// Millimetres around the grid, above it for the lines of text, and of one row.
    static let margin = 5.0
    static let header = 15.0
    static let rowHeight = 30.0
    /// Left of the traces: the calibration pulse of 1 mV, 0.2 s wide, with as much room on either side.
    static let calibrationWidth = 15.0

    static let gridWidth = calibrationWidth + seconds * millimetresPerSecond
    static let gridHeight = Double(rows.count + 1) * rowHeight
    static let width = gridWidth + 2 * margin
    static let height = header + gridHeight + margin

    /// Millimetres from the left edge of the grid to the moment `second`.
    static func x(_ second: Double) -> Double { calibrationWidth + second * millimetresPerSecond }

    /// Millimetres from the upper edge of the grid to the zero line of a row.
    static func zeroLine(ofRow row: Int) -> Double { (Double(row) + 0.5) * rowHeight }

    /// Every stretch of a trace on the paper.
    static let strips: [Strip] = {
        let seconds = Self.seconds / Double(rows[0].count)
        var strips: [Strip] = []
        for (row, leads) in rows.enumerated() {
            for (column, lead) in leads.enumerated() {
                let from = Double(column) * seconds
                strips.append(Strip(lead: lead, row: row, from: from, to: from + seconds))
            }
        }
        strips.append(Strip(lead: rhythmLead, row: rows.count, from: 0, to: Self.seconds))
        return strips
    }()

    /// One lead for some seconds in one row.
    struct Strip {
        let lead: Lead
        let row: Int
        /// Seconds from the beginning of the paper.
        let from, to: Double
    }
}

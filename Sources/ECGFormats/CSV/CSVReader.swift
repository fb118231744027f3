package import ECG

/// Reads a table of samples: a column for each lead, perhaps one of times; comma, semicolon or tab (RFC 4180),
/// decimal comma where cells are not separated by commas, `#` comments in front that state rate and units.
package enum CSVReader: FormatReader {
    package static let takesLeadOrder = true

    package static let format = ECGFormat(
        id: "csv", name: "CSV", mediaTypes: ["text/csv", "text/tab-separated-values"],
        fileExtensions: ["csv", "tsv"])

    private static let maximumColumns = 66

    package static func recognises(_ upload: Upload) -> Bool {
        guard upload.parts.count == 1, let part = upload.parts.first else { return false }
        return CSVHead.recognises(part.bytes) && !WFDBHeader.recognises(part.bytes)
    }

    package static func read(_ upload: Upload, options: ReadOptions) throws(FormatError) -> Recording {
        try SingleFile.read(upload, as: format) { bytes throws(FormatError) in
            try recording(CSVText.normalised(bytes), options)
        }
    }

    private static func recording(_ bytes: [UInt8], _ options: ReadOptions) throws(FormatError) -> Recording {
        let head = try CSVHead(bytes)
        guard head.columnCount <= maximumColumns else {
            throw FormatError(
                .limitExceeded, place: .line(head.headerLine, column: nil),
                detail: "\(head.columnCount) columns, at most \(maximumColumns) are read")
        }
        let columns = try columns(head, options)
        let units = try units(of: columns, head, options)
        let numbers = try CSVNumbers(bytes, head: head)
        let sampleRate = try sampleRate(columns, numbers, head, options)
        var signals: [(name: String, millivolts: [Float])] = []
        for (index, column) in columns.enumerated() {
            switch column.kind {
            case .lead(let name, _):
                let perMillivolt = units[index].unitsPerMillivolt
                signals.append((name, numbers.column(index).map { Float($0 / perMillivolt) }))
            case .time, .rate: break
            case .rowNumber:
                try CSVTime.requireConsecutive(
                    numbers.column(index), firstLine: numbers.firstLine, column: index + 1)
            case .blank: try requireBlank(numbers.column(index), index, numbers)
            }
        }
        do {
            return try Recording(signals: signals, sampleRate: sampleRate)
        } catch { throw FormatError(error) }
    }

    /// Columns by the header line, or by the stated order when there is none.
    private static func columns(_ head: CSVHead, _ options: ReadOptions) throws(FormatError) -> [CSVColumn] {
        let place = FormatError.Place.line(head.headerLine, column: nil)
        guard let labels = head.labels ?? options.leadOrder else {
            throw FormatError(
                .leadNamesMissing, place: place,
                detail: "no header line: add one with the leads' names, or state their order with the request"
            )
        }
        guard labels.count == head.columnCount else {
            throw FormatError(
                .leadNamesConflict, place: place,
                detail: "\(labels.count) leads are stated, the table has \(head.columnCount) columns")
        }
        var columns: [CSVColumn] = []
        for (index, label) in labels.enumerated() {
            // Programs that number rows leave the first label empty.
            let isNumber = index == 0 && label.isEmpty && labels.count > 1
            columns.append(
                isNumber
                    ? CSVColumn.rowNumber
                    : try CSVColumn(label: label, place: .line(head.headerLine, column: index + 1)))
        }
        try check(columns, against: head.labels == nil ? nil : options.leadOrder, place)
        return columns
    }

    private static func check(
        _ columns: [CSVColumn], against stated: [String]?, _ place: FormatError.Place
    ) throws(FormatError) {
        let isTime = { (column: CSVColumn) in if case .time = column.kind { true } else { false } }
        guard columns.count(where: isTime) <= 1 else {
            throw FormatError(.malformed, place: place, detail: "two columns of times, expected one")
        }
        guard columns.dropLast().allSatisfy({ $0.kind != .blank }) else {
            throw FormatError(.malformed, place: place, detail: "a column without a label")
        }
        guard let stated else { return }
        let names = { (columns: [CSVColumn]) in
            columns.compactMap { if case .lead(let name, _) = $0.kind { LeadLabel(name) } else { nil } }
        }
        var order: [CSVColumn] = []
        for label in stated { order.append(try CSVColumn(label: label, place: .field("leadOrder"))) }
        guard names(order) == names(columns) else {
            throw FormatError(
                .leadNamesConflict, place: place,
                detail: "the header line and the stated order of leads differ: drop or correct one")
        }
    }

    /// The unit of each column; those that hold no voltage have an arbitrary one.
    private static func units(
        of columns: [CSVColumn], _ head: CSVHead, _ options: ReadOptions
    ) throws(FormatError) -> [VoltageUnit] {
        var common = options.unit
        if let unit = head.comments.unit {
            common = try StatedValues.agree(onUnit: unit, stated: common, place: nil)
        }
        var units: [VoltageUnit] = []
        for (index, column) in columns.enumerated() {
            guard case .lead(_, let labelled) = column.kind else {
                units.append(.millivolts)
                continue
            }
            let place = FormatError.Place.line(head.headerLine, column: index + 1)
            if let labelled {
                units.append(try StatedValues.agree(onUnit: labelled, stated: common, place: place))
            } else if let common {
                units.append(common)
            } else {
                throw FormatError(
                    .unitMissing, place: place,
                    detail:
                        "the column has no unit: write it into the header as in 'I [mV]', or state the units "
                        + "with the request")
            }
        }
        return units
    }

    private static func sampleRate(
        _ columns: [CSVColumn], _ numbers: CSVNumbers, _ head: CSVHead, _ options: ReadOptions
    ) throws(FormatError) -> SampleRate {
        var stated = options.sampleRate
        if let rate = head.comments.sampleRate {
            stated = try StatedValues.agree(onRate: rate, stated: stated)
        }
        for (index, column) in columns.enumerated() where column.kind == .rate {
            let rate = try CSVTime.constantRate(
                numbers.column(index), firstLine: numbers.firstLine, column: index + 1)
            stated = try StatedValues.agree(onRate: rate, stated: stated)
        }
        for (index, column) in columns.enumerated() {
            guard case .time(let seconds) = column.kind else { continue }
            let times = numbers.column(index)
            if let seconds {
                let rate = try CSVTime.sampleRate(
                    of: times, seconds: seconds, firstLine: numbers.firstLine, column: index + 1)
                return try StatedValues.agree(onRate: rate, stated: stated)
            }
            // Without a unit the times tell only whether samples are missing.
            try CSVTime.meanStep(of: times, firstLine: numbers.firstLine, column: index + 1)
        }
        if let stated { return stated }
        throw FormatError(
            .sampleRateMissing, place: .line(head.headerLine, column: nil),
            detail:
                "no sample rate: add a column 'time [s]' or 'sampleRate', or a line '# sampleRate: 500', or state the sample "
                + "rate with the request")
    }

    private static func requireBlank(
        _ values: [Double], _ index: Int, _ numbers: CSVNumbers
    ) throws(FormatError) {
        guard let row = values.firstIndex(where: { !$0.isNaN }) else { return }
        throw FormatError(
            .malformed, place: .line(numbers.firstLine + row, column: index + 1),
            detail: "a number in a column without a label")
    }
}

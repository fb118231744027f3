import ECG

/// Which variables of a file are the ECG, and what others say of it. MATLAB files have no schema: names are conventions.
struct MATLABChoice {
    /// A matrix and its name within the file, "ECG.data".
    struct Samples {
        let path: String
        let matrix: MATLABMatrix
        /// Whether a row is a lead (PhysioNet challenges), rather than a column (CODE).
        let leadsAreRows: Bool
        let leads: Int
        let count: Int
    }

    private(set) var samples: Samples?
    /// Leads in variables of their own: I, II, V1, ...
    private(set) var vectors: [(name: String, matrix: MATLABMatrix)] = []
    private(set) var leadNames: [String]?
    private(set) var hertz: (value: Double, path: String)?
    private(set) var unit: (symbol: String, path: String)?
    /// ECGs in an array of several.
    private(set) var severalECGs: Int?

    private static let leadRange = 8...64
    /// Without underscores, lower case.
    private static let rateNames: Set<String> = [
        "fs", "freq", "frequency", "samplerate", "samplingrate", "samplefrequency", "samplingfrequency",
        "sfreq", "srate",
    ]
    private static let sampleNames: Set<String> = [
        "val", "data", "ecg", "signal", "signals", "psignal", "tracing", "tracings",
    ]

    private typealias Named = (path: String, name: String, value: MATLABValue)

    /// Throws: ``FormatError`` `ambiguous-upload` when several matrices could be the ECG.
    init(_ file: MATLABFile) throws(FormatError) {
        var all: [Named] = []
        for variable in file.variables { Self.flatten(variable.name, variable.name, variable.value, &all) }
        try choose(all)
        for named in all { note(named) }
    }

    private static func flatten(_ path: String, _ name: String, _ value: MATLABValue, _ all: inout [Named]) {
        guard case .structure(let fields) = value else { return all.append((path, name, value)) }
        for field in fields { flatten("\(path).\(field.name)", field.name, field.value, &all) }
    }

    private mutating func choose(_ all: [Named]) throws(FormatError) {
        var found: [(name: String, samples: Samples)] = []
        for named in all {
            guard case .numbers(let matrix) = named.value else { continue }
            if let samples = Self.samples(named.path, matrix) {
                found.append((named.name, samples))
            } else if matrix.extents.count == 3, let several = matrix.extents.first {
                severalECGs = several
            } else if matrix.extents.count == 1, LeadLabel(named.name) != nil {
                vectors.append((named.name, matrix))
            }
        }
        let preferred = found.filter { Self.sampleNames.contains(Self.folded($0.name)) }
        let candidates = preferred.count == 1 ? preferred : found
        guard candidates.count <= 1 else {
            let names = candidates.prefix(4).map { token($0.samples.path) }.joined(separator: ", ")
            throw FormatError(
                .ambiguousUpload,
                detail: "MATLAB: \(candidates.count) matrices could be the ECG (\(names)), expected one")
        }
        samples = candidates.first?.samples
    }

    /// A matrix of 8 to 64 leads that has more samples than leads.
    private static func samples(_ path: String, _ matrix: MATLABMatrix) -> Samples? {
        let extents = matrix.extents
        guard extents.count == 2, let least = extents.min(), let most = extents.max(), least < most,
            leadRange.contains(least)
        else { return nil }
        return Samples(
            path: path, matrix: matrix, leadsAreRows: extents[0] == least, leads: least, count: most)
    }

    /// Takes rate, unit or names of leads from a variable.
    private mutating func note(_ named: Named) {
        let name = Self.folded(named.name)
        switch named.value {
        case .numbers(let matrix):
            guard hertz == nil, matrix.count == 1, Self.rateNames.contains(name) else { return }
            hertz = (matrix.value(at: 0), named.path)
        case .text(let rows): note(rows, name, named.path)
        case .cells(let cells):
            let rows = cells.compactMap { if case .text(let rows) = $0 { rows.first } else { nil } }
            if rows.count == cells.count { note(rows, name, named.path) }
        case .structure, .other: return
        }
    }

    private mutating func note(_ rows: [String], _ name: String, _ path: String) {
        if unit == nil, ["unit", "units"].contains(name), let first = rows.first,
            rows.allSatisfy({ $0 == first })
        {
            unit = (first, path)
        } else if leadNames == nil, rows.count >= Self.leadRange.lowerBound,
            rows.allSatisfy({ LeadLabel($0) != nil })
        {
            leadNames = rows
        }
    }

    private static func folded(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }
}

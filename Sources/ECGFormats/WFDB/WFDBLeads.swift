import Bytes
import ECG

/// The leads of one header: signals of other quantities left out, skew undone.
struct WFDBLeads {
    private(set) var names: [String] = []
    /// The converter's values of each lead.
    private let values: [PackedIntegers]
    private let signals: [WFDBSignal]
    private let units: [VoltageUnit]
    private(set) var remarks: [String] = []
    /// Samples of a lead for each of the record; the leads share it.
    let samplesPerFrame: Int

    /// Throws: ``FormatError``.
    init(_ header: WFDBHeader, files: [UploadPart], _ options: ReadOptions) throws(FormatError) {
        let kept = header.signals.indices.filter { !header.signals[$0].isOfAnotherQuantity }
        let signals = kept.map { header.signals[$0] }
        // Units before samples: the remedy is the sender's and needs no data.
        let units = try signals.map { signal throws(FormatError) in try signal.unit(options) }
        guard let first = signals.first else {
            throw FormatError(
                .recording, detail: "WFDB: no signal is a voltage", recording: .missingLeads(Lead.independent)
            )
        }
        if let other = signals.first(where: { $0.samplesPerFrame != first.samplesPerFrame }) {
            throw FormatError(
                .unsupportedEncoding, place: .line(other.line, column: nil),
                detail: "WFDB: leads with different numbers of samples a frame, expected all at one rate")
        }
        samplesPerFrame = first.samplesPerFrame
        (self.signals, self.units) = (signals, units)
        names = try Self.names(signals, options)
        let samples = try WFDBSamples(header, files: files).values
        let skew = signals.reduce(0) { max($0, $1.skew) }
        values = zip(kept, signals).map { index, signal in
            // What the most skewed lead lacks at the end, none has.
            let count = max(0, samples[index].count - skew * first.samplesPerFrame)
            guard skew > 0 else { return samples[index] }
            return samples[index].part(from: signal.skew * first.samplesPerFrame, count: count)
        }
        if skew > 0 {
            remarks.append("aligned signals that the header declares skewed by up to \(skew) samples")
        }
        let others = header.signals.filter(\.isOfAnotherQuantity).map { token($0.description) }
        if !others.isEmpty {
            remarks.append(
                "left out signals that are no voltages: \(others.prefix(8).joined(separator: ", "))")
        }
    }

    /// Samples of the first lead.
    var sampleCount: Int { values.first?.count ?? 0 }

    /// The converter's values of a lead, and what they are in millivolts.
    func samples(of lead: Int) -> LeadSamples { .counts(values[lead], signals[lead].scale(units[lead])) }

    /// The signals' descriptions, or what the client states where no signal has one.
    private static func names(_ signals: [WFDBSignal], _ options: ReadOptions) throws(FormatError) -> [String]
    {
        let found = signals.map(\.description)
        let place = FormatError.Place.line(signals[0].line, column: nil)
        return try StatedValues.leads(
            found.allSatisfy(\.isEmpty) ? nil : found, stated: options.leadOrder, count: signals.count,
            place: place,
            missing: "WFDB: no signal has a description: state the leads' names with the request")
    }
}

extension WFDBSignal {
    /// Whether the signal is no lead by its name and no voltage by its unit: a pressure, a respiration.
    fileprivate var isOfAnotherQuantity: Bool {
        guard let units, LeadLabel(description) == nil, !description.isEmpty else { return false }
        return VoltageUnit(symbol: units) == nil
    }

    /// header(5): a gain of 0 or none marks an uncalibrated signal, and units that are absent are millivolts.
    fileprivate func unit(_ options: ReadOptions) throws(FormatError) -> VoltageUnit {
        let place = FormatError.Place.line(line, column: nil)
        guard let gain, gain != 0 else {
            if let stated = options.unit { return stated }
            throw FormatError(
                .unitMissing, place: place,
                detail:
                    "WFDB: no gain, the signal is not calibrated; send a record with gain and units, or state "
                    + "the units of a count with the request")
        }
        let symbol = units ?? VoltageUnit.millivolts.rawValue
        guard let unit = VoltageUnit(symbol: symbol) else {
            throw FormatError(
                .unitUnknown, place: place, detail: "WFDB: units \(word(symbol)), expected V, mV, uV or nV"
            )
        }
        return try StatedValues.agree(onUnit: unit, stated: options.unit, place: place)
    }

    fileprivate func scale(_ unit: VoltageUnit) -> CountScale {
        // Without a gain the client has stated the unit of a count.
        CountScale(
            baseline: Double(baseline), countsPerUnit: gain.flatMap { $0 == 0 ? nil : $0 } ?? 1, unit: unit,
            missing: storage.missing)
    }
}

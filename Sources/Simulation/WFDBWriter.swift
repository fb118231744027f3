package import ECG

/// Writes a recording as a WFDB record: a header, and one signal file in format 16 at 1 microvolt a step.
///
/// Format: header(5) and signal(5) of the WFDB Applications Guide (physionet.org/physiotools/wag).
package struct WFDBWriter: Sendable {
    /// Which leads are written.
    package enum Leads: Sendable {
        /// All twelve, in standard order.
        case twelve
        /// The eight independent ones, from which the others follow.
        case eight

        var leads: [Lead] { self == .twelve ? Lead.allCases : Lead.independent }
    }

    /// The bytes of both files; the header names the signal file `<name>.dat`.
    package struct Files: Sendable, Equatable {
        package let header: [UInt8]
        package let signals: [UInt8]
    }

    package let leads: Leads
    private static let stepsPerMillivolt = 1_000
    /// The value that format 16 keeps for a missing sample.
    private static let missing = Int16.min

    package init(leads: Leads = .twelve) { self.leads = leads }

    /// The files of a recording.
    ///
    /// - Parameters:
    ///   - name: The record's name, without folder or extension.
    ///   - comments: Lines for the header's end, such as where the recording comes from.
    ///
    /// Throws: ``SimulationError`` `recordName` or `notRepresentable`.
    package func files(
        of recording: Recording, name: String, comments: [String] = []
    ) throws(SimulationError) -> Files {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isAllowed) else { throw .recordName(name) }
        var signals: [(lead: Lead, steps: [Int16])] = []
        for lead in leads.leads { signals.append((lead, try Self.steps(recording[lead], lead))) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * signals.count * recording.sampleCount)
        for sample in 0..<recording.sampleCount {
            for signal in signals {
                let word = UInt16(bitPattern: signal.steps[sample])
                bytes.append(UInt8(truncatingIfNeeded: word))
                bytes.append(UInt8(word >> 8))
            }
        }
        var lines = headerLines(of: recording, name: name, signals: signals)
        lines += comments.flatMap { $0.split(whereSeparator: \.isNewline) }.map { "# " + $0 }
        return Files(header: Array((lines.joined(separator: "\n") + "\n").utf8), signals: bytes)
    }

    private func headerLines(
        of recording: Recording, name: String, signals: [(lead: Lead, steps: [Int16])]
    ) -> [String] {
        let hertz = recording.sampleRate.hertz
        let rate = hertz == hertz.rounded() ? String(Int(hertz)) : String(hertz)
        var lines = ["\(name) \(signals.count) \(rate) \(recording.sampleCount)"]
        for signal in signals {
            let checksum = signal.steps.reduce(0, &+)
            let first = signal.steps.first ?? 0
            lines.append(
                "\(name).dat 16 \(Self.stepsPerMillivolt)(0)/mV 16 0 \(first) \(checksum) 0 \(signal.lead.rawValue)"
            )
        }
        return lines
    }

    private static func steps(_ samples: ArraySlice<Float>, _ lead: Lead) throws(SimulationError) -> [Int16] {
        var steps: [Int16] = []
        steps.reserveCapacity(samples.count)
        for (index, millivolts) in samples.enumerated() {
            guard !millivolts.isNaN else {
                steps.append(missing)
                continue
            }
            let rounded = (Double(millivolts) * Double(stepsPerMillivolt)).rounded()
            guard let step = Int16(exactly: rounded), step != missing else {
                throw .notRepresentable(lead, sample: index, millivolts: millivolts)
            }
            steps.append(step)
        }
        return steps
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

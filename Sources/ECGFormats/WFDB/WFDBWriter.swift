package import ECG

/// Writes a recording as a WFDB record: a header, and one signal file in format 16.
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
    /// Microvolts of one count.
    package let stepMicrovolts: Double
    /// The value that format 16 keeps for a missing sample.
    private static let missing = Int16.min

    package init(leads: Leads = .twelve, stepMicrovolts: Double = 1) {
        self.leads = leads
        self.stepMicrovolts = stepMicrovolts
    }

    /// The files of a recording.
    ///
    /// - Parameters:
    ///   - name: The record's name, without folder or extension.
    ///   - comments: Lines for the header's end, such as where the recording comes from.
    ///
    /// Throws: ``WritingError`` `recordName` or `notRepresentable`.
    package func files(
        of recording: Recording, name: String, comments: [String] = []
    ) throws(WritingError) -> Files {
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isAllowed) else { throw .recordName(name) }
        var signals: [(lead: Lead, steps: [Int16])] = []
        for lead in leads.leads { signals.append((lead, try steps(recording[lead], lead))) }
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
        let gain = DecimalText.of(1_000 / stepMicrovolts)
        let time = Self.clock(recording.localStartTime).map { " " + $0 } ?? ""
        var lines = ["\(name) \(signals.count) \(recording.sampleRate.text) \(recording.sampleCount)\(time)"]
        for signal in signals {
            let checksum = signal.steps.reduce(0, &+)
            let first = signal.steps.first ?? 0
            lines.append(
                "\(name).dat 16 \(gain)(0)/mV 16 0 \(first) \(checksum) 0 \(signal.lead.rawValue)"
            )
        }
        return lines
    }

    private func steps(_ samples: [Float], _ lead: Lead) throws(WritingError) -> [Int16] {
        var steps: [Int16] = []
        steps.reserveCapacity(samples.count)
        for (index, millivolts) in samples.enumerated() {
            guard !millivolts.isNaN else {
                steps.append(Self.missing)
                continue
            }
            let rounded = (Double(millivolts) * 1_000 / stepMicrovolts).rounded()
            guard let step = Int16(exactly: rounded), step != Self.missing else {
                throw .notRepresentable(lead, sample: index, millivolts: millivolts)
            }
            steps.append(step)
        }
        return steps
    }

    /// Base time and date of header(5), "09:10:00 22/11/2002", of "2002-11-22T09:10:00".
    private static func clock(_ local: String?) -> String? {
        guard let local, local.utf8.count >= 19 else { return nil }
        let date = local.prefix(10).split(separator: "-")
        guard date.count == 3 else { return nil }
        return "\(local.dropFirst(11).prefix(8)) \(date[2])/\(date[1])/\(date[0])"
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

extension WFDBWriter: FormatWriter {
    package static var format: ECGFormat { WFDBReader.format }

    /// Header and signals at the finest step that holds them; what is known of the device as a comment.
    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        let step = QuantisedLeads(recording).microvolts
        let files = try WFDBWriter(stepMicrovolts: step).files(
            of: recording, name: name, comments: [recording.device?.display].compactMap(\.self))
        return [
            WrittenFile(name: name + ".hea", bytes: files.header),
            WrittenFile(name: name + ".dat", bytes: files.signals),
        ]
    }
}

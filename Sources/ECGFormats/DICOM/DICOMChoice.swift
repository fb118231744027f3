import ECG

/// Which groups of an object are the ECG: measured rather than averaged, all leads in one group if possible.
struct DICOMChoice {
    let groups: [DICOMWaveform]
    let remarks: [String]

    init(_ all: [DICOMWaveform]) {
        let measured = all.filter { $0.isOriginal && !$0.isAverage }
        let candidates = measured.isEmpty ? all : measured
        let complete = candidates.filter(\.hasIndependentLeads)
        if let longest = complete.max(by: { $0.sampleCount < $1.sampleCount }) {
            // Of equally long ones the first.
            groups = [complete.first { $0.sampleCount == longest.sampleCount } ?? longest]
        } else {
            groups = Self.simultaneous(candidates.filter { !$0.leads.isEmpty })
        }
        var remarks: [String] = []
        if measured.isEmpty, !groups.isEmpty {
            remarks.append("only averaged or derived waveforms are stored")
        }
        let count = all.count - groups.count
        if count > 0 { remarks.append("took the rhythm, left out \(count) other waveform group(s)") }
        let others = groups.flatMap(\.channels).filter { $0.lead == nil }.map { token($0.title) }
        if !others.isEmpty {
            remarks.append("left out channels that are no leads: \(others.prefix(8).joined(separator: ", "))")
        }
        if groups.contains(where: { group in
            group.channels.contains { $0.lead != nil && $0.shift(at: group.sampleRate) != 0 }
        }) {
            remarks.append("aligned channels that the file declares skewed")
        }
        self.remarks = remarks
    }

    /// Groups recorded at the same time and rate, with the longest among them.
    private static func simultaneous(_ groups: [DICOMWaveform]) -> [DICOMWaveform] {
        guard let longest = groups.max(by: { $0.sampleCount < $1.sampleCount }) else { return [] }
        return groups.filter {
            $0.sampleCount == longest.sampleCount && $0.sampleRate == longest.sampleRate
                && $0.timeOffset == longest.timeOffset
        }
    }
}

extension DICOMWaveform {
    fileprivate var isAverage: Bool {
        let label = label?.uppercased() ?? ""
        return ["MEDIAN", "AVERAGE", "REPRESENTATIVE", "TEMPLATE"].contains { label.contains($0) }
    }

    fileprivate var hasIndependentLeads: Bool {
        let found = leads.compactMap { LeadLabel($0) }
        return Lead.independent.allSatisfy { found.contains(.standard($0)) }
    }
}

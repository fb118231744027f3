import Bytes

/// The samples of a recording while a reader writes them, a signal at a time: there is no second copy of them.
///
/// What a signal's name means is settled first; the rest is that of ``Recording``.
package struct RecordingStorage: Sendable {
    /// Of each lead in the order of `Lead.allCases`; nil for one that is to be derived or not yet written.
    private(set) var samples: [LeadSamples?]
    /// Samples of each lead.
    package let sampleCount: Int
    /// Of each signal; nil for one that is left out.
    private let leads: [Lead?]
    private(set) var isComplete = false
    let received: Set<Lead>
    let ignored: [String]

    /// Makes room for signals by name, in the order in which they will be written.
    ///
    /// Throws: ``RecordingError`` for unknown, duplicate or missing leads and for more samples than the limit.
    package init(signals names: [String], sampleCount: Int) throws(RecordingError) {
        var leads: [Lead?] = []
        var received: Set<Lead> = []
        var ignored: [String] = []
        for name in names {
            switch LeadLabel(name) {
            case .standard(let lead):
                guard received.insert(lead).inserted else { throw .duplicateLead(lead) }
                leads.append(lead)
            case .supplementary(let name):
                ignored.append(name)
                leads.append(nil)
            case nil: throw .unknownLead(name: name)
            }
        }
        let missing = Lead.independent.filter { !received.contains($0) }
        guard missing.isEmpty else { throw .missingLeads(missing) }
        guard sampleCount <= Recording.maximumSamples else {
            throw .tooLong(samples: sampleCount, limit: Recording.maximumSamples)
        }
        (self.leads, self.received, self.ignored) = (leads, received, ignored)
        self.sampleCount = sampleCount
        samples = Lead.allCases.map { _ in nil }
    }

    /// Whether a signal is one of the twelve leads, or left out.
    package func keeps(_ signal: Int) -> Bool { leads[signal] != nil }

    /// Throws: ``RecordingError`` when a signal that is kept does not have ``sampleCount`` samples.
    package func check(_ samples: Int, of signal: Int) throws(RecordingError) {
        guard let lead = leads[signal], samples != sampleCount else { return }
        throw .unequalLengths(lead, samples: samples, expected: sampleCount)
    }

    /// Takes a signal's samples.
    ///
    /// Throws: ``RecordingError`` when they are more or fewer than ``sampleCount``.
    package mutating func write(_ found: LeadSamples, of signal: Int) throws(RecordingError) {
        try check(found.count, of: signal)
        guard let lead = leads[signal] else { return }
        samples[lead.index] = found.withoutSlack
    }

    /// Finds what is no voltage, when all signals are written.
    ///
    /// Throws: ``RecordingError``.
    package mutating func complete() throws(RecordingError) {
        guard !isComplete else { return }
        isComplete = true
        for lead in Lead.allCases where received.contains(lead) {
            guard let found = samples[lead.index] else { preconditionFailure("lead \(lead) is not written") }
            try check(found, lead)
        }
    }

    private func check(_ samples: LeadSamples, _ lead: Lead) throws(RecordingError) {
        let isVoltage = { (sample: Float) in sample.isNaN || sample.magnitude <= Recording.maximumMillivolts }
        var wrong: Int?
        switch samples {
        case .millivolts(let samples): wrong = samples.firstIndex { !isVoltage($0) }
        case .counts(let counts, let scale):
            wrong = counts.numbers.firstIndex { !isVoltage(scale.millivolts(Int($0))) }
        }
        if let wrong { throw .notAVoltage(lead, sample: wrong) }
    }
}

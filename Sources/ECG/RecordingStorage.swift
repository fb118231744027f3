/// The samples of a recording while a reader writes them: in their place from the beginning, so that there is no second
/// copy of them.
///
/// What a signal's name means is settled first; the rest is that of ``Recording``.
package struct RecordingStorage: Sendable {
    /// Samples in millivolts, `[12, samples]`, row-major, leads in the order of `Lead.allCases`; 0 until written.
    package var millivolts: [Float]
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
        millivolts = [Float](repeating: 0, count: Lead.allCases.count * sampleCount)
    }

    /// Where in ``millivolts`` a signal's samples belong; nil for a signal that is left out.
    package func row(of signal: Int) -> Range<Int>? {
        leads[signal].map { $0.index * sampleCount..<($0.index + 1) * sampleCount }
    }

    /// Throws: ``RecordingError`` when a signal that is kept does not have ``sampleCount`` samples.
    package func check(_ samples: Int, of signal: Int) throws(RecordingError) {
        guard let lead = leads[signal], samples != sampleCount else { return }
        throw .unequalLengths(lead, samples: samples, expected: sampleCount)
    }

    /// Puts a signal's samples into their place.
    ///
    /// Throws: ``RecordingError`` when they are more or fewer than ``sampleCount``.
    package mutating func write(_ samples: [Float], of signal: Int) throws(RecordingError) {
        try check(samples.count, of: signal)
        guard let row = row(of: signal) else { return }
        for index in 0..<sampleCount { millivolts[row.lowerBound + index] = samples[index] }
    }

    /// Derives the limb leads that no signal was, and finds what is no voltage.
    ///
    /// A reader calls it while it alone holds the samples: later they would have to be copied for it.
    ///
    /// Throws: ``RecordingError``.
    package mutating func complete() throws(RecordingError) {
        guard !isComplete else { return }
        isComplete = true
        for lead in Lead.allCases {
            let start = lead.index * sampleCount
            guard received.contains(lead) else {
                LimbLeads.derive(lead, in: &millivolts, sampleCount: sampleCount)
                continue
            }
            for index in 0..<sampleCount {
                let sample = millivolts[start + index]
                guard sample.isNaN || sample.magnitude <= Recording.maximumMillivolts else {
                    throw .notAVoltage(lead, sample: index)
                }
            }
        }
    }
}

/// A 12-lead ECG in millivolts, leads by name, as a file stores it.
///
/// Invariants, whatever file it came from: all twelve leads are present (III, aVR, aVL and aVF may be derived
/// from I and II), all have ``sampleCount`` samples, every sample is a finite voltage or NaN, and NaN marks
/// exactly the samples that the file declares missing. ``SignalGate`` decides whether it can be scored.
package struct Recording: Sendable, Equatable {
    /// More than this many samples a lead is no ECG of this product (ten minutes at 1,000 Hz).
    package static let maximumSamples = 600_000
    /// Beyond this an amplifier would have saturated: the file is broken.
    package static let maximumMillivolts: Float = 10_000

    /// Of each lead in the order of `Lead.allCases`; nil for one that is derived.
    private let samples: [LeadSamples?]
    /// Samples of each lead.
    package let sampleCount: Int
    package let sampleRate: SampleRate
    /// Leads that the file stores, in standard order.
    package let leadsReceived: [Lead]
    /// Leads that were computed from I and II, in standard order.
    package let leadsDerived: [Lead]
    /// Names of leads beyond the twelve that were left out.
    package let leadsIgnored: [String]
    /// When the recording began, if the file says so with its time zone.
    package var startTime: String?
    package let device: Device?
    /// Filters that the electrocardiograph applied, if the file says so.
    package var filters: AppliedFilters?
    /// What the sender should know of how the file was read: "took the rhythm, left out the median beat".
    package var remarks: [String]
    /// When the recording began by the device's clock, if the file does not say the zone: "2024-02-29T23:59:59".
    package var localStartTime: String?

    /// Builds a recording from signals in millivolts; NaN marks a missing sample.
    ///
    /// Throws: ``RecordingError`` as the initialiser from samples does.
    package init(
        signals: [(name: String, millivolts: [Float])], sampleRate: SampleRate, startTime: String? = nil,
        device: Device? = nil, filters: AppliedFilters? = nil, remarks: [String] = []
    ) throws(RecordingError) {
        try self.init(
            named: signals.map { ($0.name, .millivolts($0.millivolts)) }, sampleRate: sampleRate,
            startTime: startTime, device: device, filters: filters, remarks: remarks)
    }

    /// Builds a recording from signals by lead name, deriving III, aVR, aVL and aVF where they are absent.
    ///
    /// - Parameters:
    ///   - signals: Name and samples of each signal, in any order.
    ///   - startTime: RFC 3339, UTC.
    ///
    /// Throws: ``RecordingError`` for unknown, duplicate or missing leads, unequal lengths, samples that are
    /// no voltage.
    package init(
        named signals: [(name: String, samples: LeadSamples)], sampleRate: SampleRate,
        startTime: String? = nil, device: Device? = nil, filters: AppliedFilters? = nil,
        remarks: [String] = []
    ) throws(RecordingError) {
        let reference = signals.first { LeadLabel($0.name) == .standard(.I) }
        var storage = try RecordingStorage(
            signals: signals.map(\.name), sampleCount: reference?.samples.count ?? 0)
        for (index, signal) in signals.enumerated() { try storage.write(signal.samples, of: index) }
        try storage.complete()
        try self.init(
            storage, sampleRate: sampleRate, startTime: startTime, device: device, filters: filters,
            remarks: remarks)
    }

    /// Builds a recording from samples that a reader has written into their places.
    ///
    /// Throws: ``RecordingError`` for samples that are no voltage.
    package init(
        _ storage: RecordingStorage, sampleRate: SampleRate, startTime: String? = nil,
        device: Device? = nil, filters: AppliedFilters? = nil, remarks: [String] = []
    ) throws(RecordingError) {
        var storage = storage
        try storage.complete()
        let received = storage.received
        self.samples = storage.samples
        self.sampleCount = storage.sampleCount
        self.sampleRate = sampleRate
        self.leadsReceived = Lead.allCases.filter(received.contains)
        self.leadsDerived = Lead.allCases.filter { !received.contains($0) }
        self.leadsIgnored = storage.ignored
        self.startTime = startTime
        self.device = device
        self.filters = filters
        self.remarks = remarks
    }

    /// Seconds from the first sample to the end of the last.
    package var durationSeconds: Double { Double(sampleCount) / sampleRate.hertz }

    /// Samples of one lead in millivolts: made of what is held each time that they are asked for.
    package subscript(lead: Lead) -> [Float] {
        guard let held = samples[lead.index] else {
            return LimbLeads.derive(lead, I: self[.I], II: self[.II])
        }
        return held.millivolts
    }

    /// All samples in millivolts, `[12, samples]`, row-major, leads in the order of `Lead.allCases`.
    package var millivolts: [Float] {
        var all: [Float] = []
        all.reserveCapacity(Lead.allCases.count * sampleCount)
        for lead in Lead.allCases { all += self[lead] }
        return all
    }
}

extension Recording {
    /// Some seconds of the recording from a time on, as far as they are there; times of day are those of the whole.
    package func part(from start: Double, seconds: Double) -> Recording {
        let first = min(sampleCount, max(0, Int((start * sampleRate.hertz).rounded())))
        let count = min(sampleCount - first, Int((seconds * sampleRate.hertz).rounded()))
        guard count < sampleCount else { return self }
        return Recording(cutting: self, from: first, sampleCount: count)
    }

    private init(cutting whole: Recording, from first: Int, sampleCount: Int) {
        self.samples = whole.samples.map { $0?.part(from: first, count: sampleCount) }
        self.sampleCount = sampleCount
        self.sampleRate = whole.sampleRate
        self.leadsReceived = whole.leadsReceived
        self.leadsDerived = whole.leadsDerived
        self.leadsIgnored = whole.leadsIgnored
        self.startTime = whole.startTime
        self.device = whole.device
        self.filters = whole.filters
        self.remarks = whole.remarks
        self.localStartTime = whole.localStartTime
    }
}

package import ECG

extension Refusal {
    /// The refusal of a recording that is no scorable 12-lead ECG.
    ///
    /// `place`: where in the file, if the reader knows; else the lead or quantity at fault.
    package init(_ error: RecordingError, part: String? = nil, place: String? = nil) {
        let text = Self.text(error)
        self.init(
            code: error.code, title: "The recording cannot be scored", detail: text.detail, part: part,
            place: place ?? text.place, remedy: text.remedy)
    }

    private static func text(_ error: RecordingError) -> (detail: String, place: String?, remedy: String?) {
        switch error {
        case .sampleRate(let hertz):
            return (
                "the sample rate is \(hertz) Hz; between \(SampleRate.plausible.lowerBound) and "
                    + "\(SampleRate.plausible.upperBound) Hz is expected", "sampleRate", nil
            )
        case .unknownLead(let name):
            return (
                "'\(name.prefix(40))' is not the name of a lead", "leads",
                "Use I, II, III, aVR, aVL, aVF, V1 to V6"
            )
        case .duplicateLead(let lead): return ("two signals are named \(lead.rawValue)", "leads", nil)
        case .missingLeads(let leads):
            return (
                "lead \(leads.map(\.rawValue).joined(separator: ", ")) is missing", "leads",
                "At least I, II and V1 to V6 are needed"
            )
        case .unequalLengths(let lead, let samples, let expected):
            return ("\(samples) samples where lead I has \(expected)", "lead \(lead.rawValue)", nil)
        case .notAVoltage(let lead, let sample):
            return ("sample \(sample) is not a voltage", "lead \(lead.rawValue)", nil)
        case .gap(let lead, let first, let count):
            return (
                "\(count) samples are missing from sample \(first) on", "lead \(lead.rawValue)",
                "Send a recording without gaps"
            )
        case .flat: return ("no lead varies", nil, "Check that the electrodes were connected")
        case .implausibleAmplitude(let median):
            return (
                "the leads span \(median) mV peak to peak (median), which no ECG does", nil,
                "Check the unit: mV and uV differ by a factor of 1,000"
            )
        case .tooShort(let seconds, let needed):
            return ("\(seconds) s long; at least \(needed) s are needed", nil, "Record 10 s")
        case .tooLong(let samples, let limit):
            return ("\(samples) samples a lead; the limit is \(limit)", nil, nil)
        }
    }
}

extension RecordingError {
    /// The stable name of the cause.
    package var code: String { cause.rawValue }

    /// Every stable name.
    package static var codes: [String] { Cause.allCases.map(\.rawValue) }

    private enum Cause: String, CaseIterable {
        case sampleRate = "sample-rate-implausible"
        case unknownLead = "lead-unknown"
        case duplicateLead = "lead-duplicate"
        case missingLeads = "leads-missing"
        case unequalLengths = "lead-lengths-unequal"
        case notAVoltage = "sample-not-a-voltage"
        case gap = "signal-gap"
        case flat = "signal-flat"
        case implausibleAmplitude = "amplitude-implausible"
        case tooShort = "recording-too-short"
        case tooLong = "recording-too-long"
    }

    private var cause: Cause {
        switch self {
        case .sampleRate: .sampleRate
        case .unknownLead: .unknownLead
        case .duplicateLead: .duplicateLead
        case .missingLeads: .missingLeads
        case .unequalLengths: .unequalLengths
        case .notAVoltage: .notAVoltage
        case .gap: .gap
        case .flat: .flat
        case .implausibleAmplitude: .implausibleAmplitude
        case .tooShort: .tooShort
        case .tooLong: .tooLong
        }
    }
}

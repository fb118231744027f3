extension RecordingError {
    /// What was found and what was expected, in words that name no patient.
    package var message: String {
        switch self {
        case .sampleRate(let hertz):
            "a sample rate of \(hertz) Hz; expected \(SampleRate.plausible.lowerBound) to "
                + "\(SampleRate.plausible.upperBound) Hz"
        case .unknownLead(let name):
            "'\(name.prefix(40))' is no lead; expected I, II, III, aVR, aVL, aVF or V1 to V6"
        case .duplicateLead(let lead): "two signals are named \(lead.rawValue)"
        case .missingLeads(let leads):
            "no lead \(leads.map(\.rawValue).joined(separator: ", ")); I, II and V1 to V6 are needed"
        case .unequalLengths(let lead, let samples, let expected):
            "lead \(lead.rawValue) has \(samples) samples where lead I has \(expected)"
        case .notAVoltage(let lead, let sample):
            "sample \(sample) of lead \(lead.rawValue) is beyond \(Recording.maximumMillivolts) mV"
        case .gap(let lead, let first, let count):
            "\(count) samples of lead \(lead.rawValue) are missing from sample \(first) on"
        case .flat: "fewer than \(SignalGate.neededLeads) of the leads I, II and V1 to V6 vary"
        case .implausibleAmplitude(let median):
            "the leads span \(median) mV peak to peak (median), which no ECG does"
        case .tooShort(let seconds, let needed): "\(seconds) s long; at least \(needed) s are needed"
        case .tooLong(let samples, let limit): "\(samples) samples a lead; at most \(limit) are read"
        }
    }

    /// What the sender can do about it, where there is something.
    package var remedy: String? {
        switch self {
        case .gap: "Send a recording without gaps"
        case .flat: "Check that the electrodes were connected"
        case .implausibleAmplitude: "Check the unit: mV and uV differ by a factor of 1,000"
        case .tooShort: "Record 10 s"
        default: nil
        }
    }
}

package import ECG

extension Refusal {
    /// The refusal of a recording that is no scorable 12-lead ECG.
    ///
    /// `place`: where in the file, if the reader knows.
    package init(_ error: RecordingError, part: String? = nil, place: String? = nil) {
        self.init(
            code: error.code, title: "The recording cannot be scored", detail: error.message, part: part,
            place: place, remedy: error.remedy)
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

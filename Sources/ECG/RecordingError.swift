/// Why a set of signals is not a 12-lead ECG that can be analysed.
///
/// Every case names the lead or the quantity at fault, what was found and what was needed.
package enum RecordingError: Error, Sendable, Equatable {
    /// The rate is not a finite number within ``SampleRate/plausible``.
    case sampleRate(hertz: Double)
    /// A signal's name is no lead that this project knows.
    case unknownLead(name: String)
    /// Two signals claim the same lead.
    case duplicateLead(Lead)
    /// Some of the eight independent leads are absent.
    case missingLeads([Lead])
    /// Leads have different numbers of samples.
    case unequalLengths(Lead, samples: Int, expected: Int)
    /// A sample is infinite or beyond any voltage that an amplifier can report.
    case notAVoltage(Lead, sample: Int)
    /// Samples that the file declares missing (or that are not numbers) inside the analysed window.
    case gap(Lead, firstSample: Int, count: Int)
    /// Too few of the independent leads vary at all.
    case flat
    /// Amplitudes that no ECG has: the unit is almost certainly wrong.
    case implausibleAmplitude(medianPeakToPeakMillivolts: Float)
    /// Shorter than the window that an encoder needs.
    case tooShort(seconds: Double, neededSeconds: Double)
    /// More samples than the limit.
    case tooLong(samples: Int, limit: Int)
}

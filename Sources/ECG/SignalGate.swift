/// Whether a recording is fit to be scored: long enough, without gaps, not flat, of plausible amplitude.
///
/// Both encoders normalise amplitude away, so a unit error would pass through them unseen: it has to be
/// caught here.
package enum SignalGate {
    /// Median over the leads of their peak-to-peak voltage, in millivolts, that an ECG can have.
    ///
    /// A QRS complex spans 0.3 to 5 mV; an error of a factor 1,000 falls outside on either side.
    package static let plausiblePeakToPeak: ClosedRange<Float> = 0.02...50

    /// Independent leads that must vary: with fewer, electrodes were not connected.
    package static let neededLeads = 5

    /// Accepts a recording that can be scored.
    ///
    /// Throws: ``RecordingError`` `tooShort`, `gap`, `flat` or `implausibleAmplitude`.
    package static func check(_ recording: Recording, neededSeconds: Double) throws(RecordingError) {
        guard recording.durationSeconds >= neededSeconds else {
            throw .tooShort(seconds: recording.durationSeconds, neededSeconds: neededSeconds)
        }
        var spans: [Float] = []
        for lead in Lead.allCases {
            let samples = recording[lead]
            try checkForGap(samples, lead)
            spans.append(peakToPeak(samples))
        }
        let alive = Lead.independent.count { spans[$0.index] > 0 }
        guard alive >= neededLeads else { throw .flat }
        let median = spans.sorted()[spans.count / 2]
        guard plausiblePeakToPeak.contains(median) else {
            throw .implausibleAmplitude(medianPeakToPeakMillivolts: median)
        }
    }

    /// Leads whose samples are all equal: they carry nothing, and the encoders see zeros.
    package static func flatLeads(of recording: Recording) -> [Lead] {
        Lead.allCases.filter { peakToPeak(recording[$0]) == 0 }
    }

    private static func checkForGap(_ samples: [Float], _ lead: Lead) throws(RecordingError) {
        guard let first = samples.firstIndex(where: \.isNaN) else { return }
        let count = samples[first...].prefix { $0.isNaN }.count
        throw .gap(lead, firstSample: first, count: count)
    }

    private static func peakToPeak(_ samples: [Float]) -> Float {
        var low = Float.infinity
        var high = -Float.infinity
        for value in samples {
            low = min(low, value)
            high = max(high, value)
        }
        return high > low ? high - low : 0
    }
}

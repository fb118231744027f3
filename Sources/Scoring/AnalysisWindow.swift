package import ECG

/// Which part of a recording is scored.
///
/// By default recordings up to ``wholeUpToSeconds`` are used whole, and of longer ones the first ten seconds. The sender can
/// have ten seconds from another place on instead; the answer always says which seconds were used.
package struct AnalysisWindow: Sendable, Equatable {
    /// Recordings up to this long are used whole, as the published recipes do; a 12-lead is 10 s, some devices
    /// store up to 12 s.
    package static let wholeUpToSeconds = 15.0
    /// Length of the part of longer ones.
    package static let seconds = 10.0

    /// Seconds from the recording's beginning; nil for the default.
    package let start: Double?

    /// The default.
    package static let standard = AnalysisWindow(start: nil)

    /// `start`: finite and not negative.
    package init(start: Double?) { self.start = start }

    /// The part of a recording that is scored.
    ///
    /// Throws: ``Refusal`` `window-outside-recording` when ten seconds from the start on are not there.
    package func part(of recording: Recording) throws(Refusal) -> Recording {
        guard let start else {
            return recording.durationSeconds <= Self.wholeUpToSeconds
                ? recording : recording.part(from: 0, seconds: Self.seconds)
        }
        // A recording that was cut a sample short still has its last window.
        let last = recording.durationSeconds - Self.seconds + 1 / recording.sampleRate.hertz
        guard start <= last else {
            throw Refusal(
                code: "window-outside-recording", title: "The recording cannot be scored",
                detail:
                    "\(Self.seconds) s from \(start) s on, of a recording of \(recording.durationSeconds) s",
                place: "start",
                remedy: recording.durationSeconds < Self.seconds
                    ? "Leave start out"
                    : "Take a start of at most \(recording.durationSeconds - Self.seconds) s")
        }
        return recording.part(from: start, seconds: Self.seconds)
    }
}

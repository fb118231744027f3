package import ECG

/// How much of a long recording is scored.
package enum AnalysisWindow {
    /// Recordings up to this long are used whole, as the published recipes do; a 12-lead is 10 s, some devices
    /// store up to 12 s.
    package static let wholeUpToSeconds = 15.0
    /// Of longer ones the first ten seconds are used, and the answer says so.
    package static let secondsOfLonger = 10.0

    /// The part of a recording that is scored.
    package static func of(_ recording: Recording) -> Recording {
        recording.durationSeconds <= wholeUpToSeconds ? recording : recording.prefix(seconds: secondsOfLonger)
    }
}

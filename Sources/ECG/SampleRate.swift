/// Samples a second of every lead of a recording.
package struct SampleRate: Sendable, Hashable, Codable {
    /// Samples a second.
    package let hertz: Double

    /// The rates an electrocardiograph can plausibly have; anything else is a broken header.
    package static let plausible: ClosedRange<Double> = 50...20_000

    /// Accepts a finite rate within ``plausible``.
    ///
    /// Throws: ``RecordingError/sampleRate(hertz:)``.
    package init(hertz: Double) throws(RecordingError) {
        guard hertz.isFinite, Self.plausible.contains(hertz) else { throw .sampleRate(hertz: hertz) }
        self.hertz = hertz
    }
}

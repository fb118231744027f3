package import ECG

/// Why something cannot be simulated or written.
package enum SimulationError: Error, Sendable, Equatable {
    /// A parameter outside the range that the model is made for.
    case outOfRange(parameter: String, found: Double, allowed: ClosedRange<Double>)
    /// A rate or a length that no recording has.
    case recording(RecordingError)
    /// A WFDB record's name has letters, digits, hyphens and underscores only.
    case recordName(String)
    /// A voltage beyond the 16 bits of the format at 1 microvolt a step.
    case notRepresentable(Lead, sample: Int, millivolts: Float)
}

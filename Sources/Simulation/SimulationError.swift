package import ECG

/// Why something cannot be simulated.
package enum SimulationError: Error, Sendable, Equatable {
    /// A parameter outside the range that the model is made for.
    case outOfRange(parameter: String, found: Double, allowed: ClosedRange<Double>)
    /// A rate or a length that no recording has.
    case recording(RecordingError)
}

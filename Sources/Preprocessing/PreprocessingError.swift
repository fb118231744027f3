package import ECG

/// Why a recording cannot be made into an encoder's input.
package enum PreprocessingError: Error, Sendable, Equatable {
    /// Shorter than the encoder's window: samples after resampling, and the number that one window takes.
    case tooShort(seconds: Double, neededSeconds: Double, resampledSamples: Int, neededSamples: Int)
    /// More samples after resampling than ``ECG/Recording/maximumSamples``.
    case tooLong(resampledSamples: Int, limit: Int)
    /// A sample that the file declares missing: neither recipe can bridge a gap.
    case missingSample(Lead, sample: Int)
}

package import ECG

/// The baseline's input: the middle 10 s at 250 Hz in millivolts, neither filtered nor standardised.
///
/// The paper says no more than that the network takes the raw signal; length and rate are ours (docs/baseline.md).
package struct BaselinePreprocessing: PreprocessingRecipe {
    private static let target = ResamplingTarget(samplesPerWindow: 2_500, windowSeconds: 10)

    package init() {}

    package var id: String { "baseline/250hz-fourier/10s-centre/raw-mv/v1" }

    package var neededSeconds: Double { Self.target.windowSeconds }

    /// One segment `[12, 2500]`, in millivolts.
    ///
    /// Throws: ``PreprocessingError`` for a recording shorter than 10 s, too long, or with missing samples.
    package func segments(of recording: Recording) throws(PreprocessingError) -> [Segment] {
        let length = Double(recording.sampleCount * 250) / recording.sampleRate.hertz
        let count = try Self.target.check(recording, length: length)
        let start = (count - Self.target.samplesPerWindow) / 2
        let resampler = FourierResampler(inputCount: recording.sampleCount, outputCount: count)
        var values: [Float] = []
        for pair in stride(from: 0, to: Lead.allCases.count, by: 2) {
            let one = recording[Lead.allCases[pair]]
            let other = recording[Lead.allCases[pair + 1]]
            let resampled = resampler.resample(zip(one, other).map { Complex(Double($0), Double($1)) })
            let window = resampled[start..<start + Self.target.samplesPerWindow]
            values += window.map { Float($0.x) } + window.map { Float($0.y) }
        }
        return [Segment(values: values, sampleCount: Self.target.samplesPerWindow)]
    }
}

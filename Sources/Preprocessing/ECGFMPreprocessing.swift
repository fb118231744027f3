package import ECG

/// ECG-FM's input: consecutive windows of 5 s at 500 Hz, as its training pipeline makes them.
///
/// Line numbers are those of scripts/preprocess/ecg/preprocess.py in Jwoo5/fairseq-signals@6b9e137.
/// 1. Resampling: linear, both end points kept, of the whole record to int(N (500/rate)) samples, unless the rate is
///    500 Hz (49-62). No filter of any kind.
/// 2. Normalisation: each lead over the whole record to mean 0 and population standard deviation 1, a constant lead
///    to zeros (139-167, 181-188).
/// 3. Windows: floor(L/2500) of 2,500 samples from the start, the remainder dropped (198-231). Truncation in step 1
///    can cost the last one: 10 s at 499 Hz are 4,999 samples, one window, upstream too.
/// 4. Pooling: a record's embedding is the mean of its windows' embeddings. Upstream never combines embeddings of
///    windows; it averages predictions.
package struct ECGFMPreprocessing: PreprocessingRecipe {
    private static let target = ResamplingTarget(samplesPerWindow: 2_500, windowSeconds: 5)

    package init() {}

    package var id: String { "ecg-fm/500hz-linear/5s-windows/z-lead/v1" }

    package var neededSeconds: Double { Self.target.windowSeconds }

    /// Segments `[12, 2500]`, as many as fit.
    ///
    /// Throws: ``PreprocessingError`` for a recording shorter than 5 s, too long, or with missing samples.
    package func segments(of recording: Recording) throws(PreprocessingError) -> [Segment] {
        // The ratio comes first upstream, then the product: the order decides where truncation falls.
        let length = Double(recording.sampleCount) * (500 / recording.sampleRate.hertz)
        let count = try Self.target.check(recording, length: length)
        let resampler = LinearResampler(inputCount: recording.sampleCount, outputCount: count)
        let width = Self.target.samplesPerWindow
        var windows = [[Float]](repeating: [], count: count / width)
        for index in windows.indices { windows[index].reserveCapacity(Lead.allCases.count * width) }
        for lead in Lead.allCases {
            var samples = resampler.resample(recording[lead].map(Double.init))
            Standardisation.standardise(&samples)
            for index in windows.indices {
                windows[index] += samples[index * width..<(index + 1) * width].lazy.map(Float.init)
            }
        }
        return windows.map { Segment(values: $0, sampleCount: width) }
    }
}

package import ECG

/// ST-MEM's input: windows of 9 s at 250 Hz, as its authors' evaluation makes them.
///
/// Line numbers are those of bakqui/ST-MEM@69ec702.
/// 1. Resampling: Fourier (`scipy.signal.resample`) of the whole record to int(N 250/rate) samples, unless the rate
///    is 250 Hz (util/transforms.py:57-58). Upstream runs it in the precision of the stored record, here it is
///    always double.
/// 2. Window: 2,250 samples, cut before filtering (util/transforms.py:107-113; see ``Crops``).
/// 3. Filters: Butterworth of order 5, high-pass 0.67 Hz, then low-pass 40 Hz, each forward and backward
///    (util/transforms.py:123, 126).
/// 4. Normalisation: one mean and one population standard deviation for the window's twelve leads together
///    (util/transforms.py:149-152). Units do not matter.
/// 5. Pooling: a record's embedding is the mean of its windows' embeddings. Upstream averages the classifier's
///    outputs over the windows (engine_downstream.py:112-120), which for its linear head is the same.
package struct STMEMPreprocessing: PreprocessingRecipe {
    /// Which windows are cut from the resampled record. With D samples more than one window has:
    package enum Crops: Int, Sendable, CaseIterable {
        /// One window, at D/2 (whole division): the middle one of the authors' three wherever they have one, and
        /// defined for a record of exactly 9 s too, where upstream divides by zero.
        case centre = 1
        /// Three windows, at 0, D/2 and 2 (D/2). Upstream goes on while a window fits, which gives a fourth at
        /// D = 3 only; it is left out here.
        case three = 3
    }

    package let crops: Crops
    private let highPass = ZeroPhaseFilter(sections: Butterworth.highPass)
    private let lowPass = ZeroPhaseFilter(sections: Butterworth.lowPass)
    private static let target = ResamplingTarget(samplesPerWindow: 2_250, windowSeconds: 9)

    package init(crops: Crops = .centre) { self.crops = crops }

    package var id: String {
        switch crops {
        case .centre: "st-mem/250hz-fourier/9s-centre/bp0.67-40-sosfiltfilt/z-all/v1"
        case .three: "st-mem/250hz-fourier/9s-three/bp0.67-40-sosfiltfilt/z-all/v1"
        }
    }

    package var neededSeconds: Double { Self.target.windowSeconds }

    /// One segment `[12, 2250]`, or three.
    ///
    /// Throws: ``PreprocessingError`` for a recording shorter than 9 s, too long, or with missing samples.
    package func segments(of recording: Recording) throws(PreprocessingError) -> [Segment] {
        // The product comes first upstream, then the division: the order decides where truncation falls.
        let length = Double(recording.sampleCount * 250) / recording.sampleRate.hertz
        let count = try Self.target.check(recording, length: length)
        let windows = windows(of: recording, resampledTo: count)
        return windows.map { window in
            var leads = lowPass.filter(highPass.filter(window))
            Standardisation.standardiseTogether(&leads)
            return Segment(values: leads.flatMap { $0.map(Float.init) }, sampleCount: Self.windowLength)
        }
    }

    private static var windowLength: Int { target.samplesPerWindow }

    /// Starts of the windows in a record of `count` samples.
    private func starts(in count: Int) -> [Int] {
        let step = (count - Self.windowLength) / 2
        return crops == .centre ? [step] : [0, step, 2 * step]
    }

    /// The resampled, unfiltered windows: `[windows][12][2250]` in millivolts.
    private func windows(of recording: Recording, resampledTo count: Int) -> [[[Double]]] {
        let starts = starts(in: count)
        var windows = [[[Double]]](repeating: [], count: starts.count)
        let resampler = FourierResampler(inputCount: recording.sampleCount, outputCount: count)
        for pair in stride(from: 0, to: Lead.allCases.count, by: 2) {
            let one = recording[Lead.allCases[pair]]
            let other = recording[Lead.allCases[pair + 1]]
            let resampled = resampler.resample(zip(one, other).map { Complex(Double($0), Double($1)) })
            for (index, start) in starts.enumerated() {
                let window = resampled[start..<start + Self.windowLength]
                windows[index].append(window.map(\.x))
                windows[index].append(window.map(\.y))
            }
        }
        return windows
    }
}

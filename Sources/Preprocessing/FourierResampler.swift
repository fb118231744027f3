/// Band-limited resampling of a whole record through its spectrum, as `scipy.signal.resample` without window.
///
/// The spectrum is cut (or padded with zeros) to the new length and scaled by outputCount/inputCount. With
/// M the smaller of both counts and M even, bin M/2 stands for two bins of the longer spectrum: they are added
/// when shortening, split in halves when lengthening. The record is treated as periodic, so its ends ring if
/// they do not match. Upstream: ST-MEM@69ec702 util/transforms.py:57-58.
package struct FourierResampler: Sendable {
    package let inputCount: Int
    package let outputCount: Int
    private let analysis: FourierTransform
    private let synthesis: FourierTransform

    /// Both counts at least one.
    package init(inputCount: Int, outputCount: Int) {
        self.inputCount = inputCount
        self.outputCount = outputCount
        analysis = FourierPlans.transform(length: inputCount)
        synthesis = FourierPlans.transform(length: outputCount)
    }

    /// `[inputCount]` samples to `[outputCount]` samples.
    package func resample(_ samples: [Double]) -> [Double] {
        resample(samples.map { Complex($0, 0) }).map(\.x)
    }

    /// Two real signals at once, one as real, the other as imaginary part: one transform serves both.
    package func resample(_ samples: [Complex]) -> [Complex] {
        guard inputCount != outputCount else { return samples }
        let scale = 1 / Double(inputCount)
        return synthesis.inverse(fitted(analysis.forward(samples))).map { $0 * scale }
    }

    private func fitted(_ spectrum: [Complex]) -> [Complex] {
        let shorter = min(inputCount, outputCount)
        var fitted = [Complex](repeating: .zero, count: outputCount)
        fitted[0] = spectrum[0]
        for bin in stride(from: 1, to: (shorter + 1) / 2, by: 1) {
            fitted[bin] = spectrum[bin]
            fitted[outputCount - bin] = spectrum[inputCount - bin]
        }
        guard shorter % 2 == 0 else { return fitted }
        let middle = shorter / 2
        if outputCount < inputCount {
            fitted[middle] = spectrum[middle] + spectrum[inputCount - middle]
        } else {
            fitted[middle] = 0.5 * spectrum[middle]
            fitted[outputCount - middle] = fitted[middle]
        }
        return fitted
    }
}

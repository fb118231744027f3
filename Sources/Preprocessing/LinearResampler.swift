/// Linear interpolation that keeps both end points, as fairseq-signals resamples.
///
/// Input sample i is placed at i (outputCount - 1)/(inputCount - 1) and the result is read at 0, 1, ... So first and
/// last samples coincide, and the effective rate differs a little from the one that is asked for. No filter is
/// applied. Upstream: fairseq-signals@6b9e137 scripts/preprocess/ecg/preprocess.py:49-62.
package struct LinearResampler: Sendable {
    package let inputCount: Int
    package let outputCount: Int
    /// Place of the output's sample between two of the input's: the left one, distance to it, and the gap.
    private let places: [(left: Int, distance: Double, gap: Double)]

    /// Input count at least two, output count at least one.
    package init(inputCount: Int, outputCount: Int) {
        precondition(inputCount > 1 && outputCount > 0, "two samples make a line")
        self.inputCount = inputCount
        self.outputCount = outputCount
        let last = inputCount - 1
        let step = Double(outputCount - 1) / Double(last)
        let position = { (index: Int) in index == last ? Double(outputCount - 1) : Double(index) * step }
        var right = 1
        places = (0..<outputCount).map { index in
            while right < last, position(right) < Double(index) { right += 1 }
            let start = position(right - 1)
            return (right - 1, Double(index) - start, position(right) - start)
        }
    }

    /// `[inputCount]` samples to `[outputCount]` samples.
    package func resample(_ samples: [Double]) -> [Double] {
        guard inputCount != outputCount else { return samples }
        precondition(samples.count == inputCount, "as many samples as the resampler was made for")
        return places.map { place in
            let start = samples[place.left]
            let change = samples[place.left + 1] - start
            // A single output sample leaves no gap between the input's places.
            return place.gap == 0 ? start : change / place.gap * place.distance + start
        }
    }
}

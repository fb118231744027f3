package import ECG

/// How a recording becomes the windows that one encoder's network reads.
///
/// A recipe is a pure function of the recording: double precision inside, one rounding to Float at the end.
package protocol PreprocessingRecipe: Sendable {
    /// The recipe's full name (`preprocessingID`): embeddings made by recipes of different names never mix.
    var id: String { get }
    /// Length of one window.
    var neededSeconds: Double { get }

    /// The windows of a recording in time order, at least one.
    func segments(of recording: Recording) throws(PreprocessingError) -> [Segment]
}

/// The checks and the length that both recipes share.
struct ResamplingTarget {
    let samplesPerWindow: Int
    let windowSeconds: Double

    /// Checks a recording that would have `length` samples after resampling.
    ///
    /// `length` is an untruncated count: finite and not negative for every recording and rate. Gives it truncated,
    /// as Python's `int` does upstream.
    func check(_ recording: Recording, length: Double) throws(PreprocessingError) -> Int {
        let count = Int(length)
        guard count >= samplesPerWindow else {
            throw .tooShort(
                seconds: recording.durationSeconds, neededSeconds: windowSeconds, resampledSamples: count,
                neededSamples: samplesPerWindow)
        }
        guard count <= Recording.maximumSamples else {
            throw .tooLong(resampledSamples: count, limit: Recording.maximumSamples)
        }
        for lead in Lead.allCases {
            guard let index = recording[lead].firstIndex(where: \.isNaN) else { continue }
            throw .missingSample(lead, sample: index)
        }
        return count
    }
}

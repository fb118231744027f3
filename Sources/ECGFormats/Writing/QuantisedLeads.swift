import ECG

/// All twelve leads as 16-bit counts of the finest decimal step that holds them.
///
/// Half a microvolt, and whole multiples of it, are what nearly all electrocardiographs store: their samples come
/// through unchanged.
struct QuantisedLeads {
    /// The count that stands for a missing sample; no voltage has it.
    static let missing = Int16.min

    private static let steps = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]

    /// Microvolts of one count.
    let microvolts: Double
    /// `[12][samples]`, in the order of `Lead.allCases`.
    let counts: [[Int16]]

    init(_ recording: Recording) {
        let largest = recording.millivolts.reduce(Float(0)) { $1.isNaN ? $0 : max($0, $1.magnitude) }
        // A recording's voltages are at most 10 V: the last step holds them.
        let step = Self.steps.first { Double(largest) * 1_000 / $0 <= 32_767 } ?? 500
        microvolts = step
        counts = Lead.allCases.map { lead in
            recording[lead].map {
                $0.isNaN ? Self.missing : Int16((Double($0) * 1_000 / step).rounded())
            }
        }
    }

    /// All samples of all leads, a sample of each lead in turn, least significant byte first.
    var interleaved: [UInt8] {
        var bytes: [UInt8] = []
        let samples = counts[0].count
        bytes.reserveCapacity(2 * counts.count * samples)
        for sample in 0..<samples {
            for lead in counts {
                let word = UInt16(bitPattern: lead[sample])
                bytes.append(UInt8(truncatingIfNeeded: word))
                bytes.append(UInt8(word >> 8))
            }
        }
        return bytes
    }

    /// A format that knows no missing samples needs none to be missing.
    ///
    /// Throws: ``WritingError`` `missingSample`.
    func requireWhole(for format: ECGFormat) throws(WritingError) {
        for (lead, samples) in zip(Lead.allCases, counts) {
            if let sample = samples.firstIndex(of: Self.missing) {
                throw .missingSample(lead, sample: sample, format: format.name)
            }
        }
    }
}

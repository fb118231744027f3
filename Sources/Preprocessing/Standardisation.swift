/// Shifting to mean 0 and scaling to population standard deviation 1, without an epsilon.
package enum Standardisation {
    /// One mean and one deviation for all leads together: their relative amplitudes survive.
    ///
    /// `[leads][samples]`; zeros if the deviation is exactly 0. Upstream: ST-MEM@69ec702
    /// util/transforms.py:149-152.
    package static func standardiseTogether(_ leads: inout [[Double]]) {
        let count = Double(leads.reduce(0) { $0 + $1.count })
        let mean = leads.reduce(0) { $0 + sum($1) } / count
        let squares = leads.reduce(0) { $0 + sumOfSquares($1, around: mean) }
        let deviation = (squares / count).squareRoot()
        for index in leads.indices { apply(mean: mean, deviation: deviation, to: &leads[index]) }
    }

    /// One lead by itself over all its samples; a lead whose samples are all equal becomes zeros.
    ///
    /// Equality is tested on the samples: the deviation of a constant that is no binary fraction need not come out
    /// as 0. Upstream: fairseq-signals@6b9e137 scripts/preprocess/ecg/preprocess.py:139-167, 181-188.
    package static func standardise(_ lead: inout [Double]) {
        guard let first = lead.first else { return }
        guard lead.contains(where: { $0 != first }) else {
            lead = [Double](repeating: 0, count: lead.count)
            return
        }
        let mean = sum(lead) / Double(lead.count)
        let squares = sumOfSquares(lead, around: mean)
        apply(mean: mean, deviation: (squares / Double(lead.count)).squareRoot(), to: &lead)
    }

    private static func sum(_ samples: [Double]) -> Double { samples.reduce(0, +) }

    private static func sumOfSquares(_ samples: [Double], around mean: Double) -> Double {
        samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    private static func apply(mean: Double, deviation: Double, to samples: inout [Double]) {
        for index in samples.indices {
            samples[index] = deviation == 0 ? 0 : (samples[index] - mean) / deviation
        }
    }
}

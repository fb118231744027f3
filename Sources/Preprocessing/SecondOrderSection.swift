/// One section of a recursive filter: (b0 + b1 z^-1 + b2 z^-2)/(1 + a1 z^-1 + a2 z^-2).
package struct SecondOrderSection: Sendable, Equatable {
    package let b0: Double
    package let b1: Double
    package let b2: Double
    package let a1: Double
    package let a2: Double

    package init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
        self.b0 = b0
        self.b1 = b1
        self.b2 = b2
        self.a1 = a1
        self.a2 = a2
    }

    /// What the section makes of a constant.
    var gain: Double { (b0 + b1 + b2) / (1 + a1 + a2) }

    /// Runs the section over interleaved signals in place, from the state that a lasting `start` would have left.
    ///
    /// Transposed direct form II; each vector holds one sample of four signals.
    func run(over samples: inout [SIMD4<Double>], start: SIMD4<Double>) {
        var first = (gain - b0) * start
        var second = (b2 - a2 * gain) * start
        for index in samples.indices {
            let input = samples[index]
            let output = b0 * input + first
            first = b1 * input - a1 * output + second
            second = b2 * input - a2 * output
            samples[index] = output
        }
    }
}

/// ST-MEM's Butterworth filters of order 5 at 250 Hz, as second-order sections.
///
/// The bilinear transform of the analogue filter with its corner prewarped gives these numbers (the tests derive
/// them); they are written down to the last digit so that no mathematical library can change them.
package enum Butterworth {
    /// High-pass, -3 dB at 0.67 Hz. Upstream: ST-MEM@69ec702 util/transforms.py:123.
    package static let highPass = [
        SecondOrderSection(
            b0: 0.9731214643552909, b1: -0.9731214643552909, b2: 0, a1: -0.9833012632825942, a2: 0),
        SecondOrderSection(b0: 1, b1: -2, b2: 1, a1: -1.972841731921317, a2: 0.9731214643964672),
        SecondOrderSection(b0: 1, b1: -2, b2: 1, a1: -1.9893652490559892, a2: 0.9896473244278208),
    ]

    /// Low-pass, -3 dB at 40 Hz. Upstream: ST-MEM@69ec702 util/transforms.py:126.
    package static let lowPass = [
        SecondOrderSection(
            b0: 0.009003633431614057, b1: 0.018007266863228115, b2: 0.009003633431614057,
            a1: -0.2905268567319164, a2: 0),
        SecondOrderSection(b0: 1, b1: 2, b2: 1, a1: -0.636723367705371, a2: 0.18830072268097264),
        SecondOrderSection(b0: 1, b1: 1, b2: 0, a1: -0.8499037710739065, a2: 0.5861539195836989),
    ]
}

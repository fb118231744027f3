/// A filter that runs forward and backward, so that nothing is delayed, as `scipy.signal.sosfiltfilt`.
///
/// The gain is that of the sections squared (-6 dB at a Butterworth corner). Both ends are extended by
/// ``padding`` samples mirrored through the end point, and every pass starts in the state that a constant
/// signal would have left (Gustafsson, IEEE Trans. Signal Process. 44:988, 1996, gives the background).
package struct ZeroPhaseFilter: Sendable {
    package let sections: [SecondOrderSection]

    package init(sections: [SecondOrderSection]) { self.sections = sections }

    /// Samples by which each end is extended: 3 (2 sections + 1 - orders that are not used), scipy's default.
    package var padding: Int {
        let unused = min(sections.count { $0.b2 == 0 }, sections.count { $0.a2 == 0 })
        return 3 * (2 * sections.count + 1 - unused)
    }

    /// Filters signals of equal length, four at a time.
    ///
    /// `signals`: `[count][samples]`, more samples than ``padding``.
    package func filter(_ signals: [[Double]]) -> [[Double]] {
        stride(from: 0, to: signals.count, by: 4).flatMap { first in
            let group = signals[first..<min(first + 4, signals.count)]
            let filtered = filter(interleaved: Self.interleave(group))
            return group.indices.map { lane in filtered.map { $0[lane - first] } }
        }
    }

    /// Filters four interleaved signals of more samples than ``padding``.
    package func filter(interleaved samples: [SIMD4<Double>]) -> [SIMD4<Double>] {
        precondition(samples.count > padding, "a signal longer than its extension")
        var extended = extend(samples)
        pass(over: &extended)
        extended.reverse()
        pass(over: &extended)
        extended.reverse()
        return Array(extended[padding..<padding + samples.count])
    }

    private func extend(_ samples: [SIMD4<Double>]) -> [SIMD4<Double>] {
        let first = samples[0]
        let last = samples[samples.count - 1]
        var extended = [SIMD4<Double>]()
        extended.reserveCapacity(samples.count + 2 * padding)
        for distance in (1...padding).reversed() { extended.append(2 * first - samples[distance]) }
        extended += samples
        for distance in 1...padding { extended.append(2 * last - samples[samples.count - 1 - distance]) }
        return extended
    }

    private func pass(over samples: inout [SIMD4<Double>]) {
        var start = samples[0]
        for section in sections {
            section.run(over: &samples, start: start)
            start *= section.gain
        }
    }

    private static func interleave(_ signals: ArraySlice<[Double]>) -> [SIMD4<Double>] {
        var samples = [SIMD4<Double>](repeating: .zero, count: signals.first?.count ?? 0)
        for (lane, signal) in signals.enumerated() {
            for index in samples.indices { samples[index][lane] = signal[index] }
        }
        return samples
    }
}

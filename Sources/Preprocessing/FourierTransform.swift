/// The discrete Fourier transform of one length, any length, in double precision.
///
/// X[k] = sum over t of x[t] exp(-2 pi i k t/n), without scale, as numpy's `fft`. Lengths whose only prime factors
/// are 2, 3 and 5 are transformed by self-sorting passes of radix 4, 2, 3 and 5 (Stockham; see Van Loan,
/// Computational Frameworks for the Fast Fourier Transform, SIAM 1992, section 1.7); others as a convolution
/// of such a length (Bluestein, IEEE Trans. Audio Electroacoust. 18:451, 1970). Either way the time grows as
/// n log n, so no recording can make it slow.
package struct FourierTransform: Sendable {
    /// Samples that are transformed.
    package let length: Int
    private let method: Method

    private enum Method: Sendable {
        case passes([FourierPass])
        case convolution(ChirpConvolution)
    }

    /// Prepares the roots of unity for `length` samples, at least one.
    package init(length: Int) {
        precondition(length > 0, "a transform has at least one sample")
        self.length = length
        if let passes = FourierPass.passes(length: length) {
            method = .passes(passes)
        } else {
            method = .convolution(ChirpConvolution(length: length))
        }
    }

    /// The spectrum of ``length`` complex samples.
    package func forward(_ samples: [Complex]) -> [Complex] {
        precondition(samples.count == length, "as many samples as the transform was prepared for")
        switch method {
        case .passes(let passes): return FourierPass.run(passes, on: samples)
        case .convolution(let convolution): return convolution.forward(samples)
        }
    }

    /// The samples of a spectrum times ``length``, as numpy's `ifft` before its division.
    package func inverse(_ spectrum: [Complex]) -> [Complex] {
        // The inverse turns the other way round: exchanging real and imaginary part twice does that.
        forward(spectrum.map(\.exchanged)).map(\.exchanged)
    }

    /// Bins 0 to length/2 of the spectrum of ``length`` real samples; the others are their conjugates.
    package func forward(real samples: [Double]) -> [Complex] {
        Array(forward(samples.map { Complex($0, 0) }).prefix(length / 2 + 1))
    }
}

extension SIMD2<Double> {
    fileprivate var exchanged: Complex { Complex(y, x) }
}

/// Bluestein's transform: k t = (k^2 + t^2 - (k - t)^2)/2 makes a convolution with a chirp of the transform.
private struct ChirpConvolution: Sendable {
    /// exp(-pi i t^2/n), `[n]`.
    let chirp: [Complex]
    /// Spectrum of the conjugate chirp wrapped around, divided by the padded length, `[padded]`.
    let filter: [Complex]
    let passes: [FourierPass]

    init(length: Int) {
        // t^2 modulo 2n keeps the angle exact; lengths are far below the 3 * 10^9 at which t^2 would overflow.
        chirp = (0..<length).map { Complex.root($0 * $0 % (2 * length), of: 2 * length) }
        let padded = FourierPass.nextLength(atLeast: 2 * length - 1)
        passes = FourierPass.passes(length: padded.length, twos: padded.twos)
        var wrapped = [Complex](repeating: .zero, count: padded.length)
        for (index, value) in chirp.enumerated() {
            wrapped[index] = Complex.conjugate(value)
            if index > 0 { wrapped[padded.length - index] = Complex.conjugate(value) }
        }
        let scale = 1 / Double(padded.length)
        filter = FourierPass.run(passes, on: wrapped).map { $0 * scale }
    }

    func forward(_ samples: [Complex]) -> [Complex] {
        var work = [Complex](repeating: .zero, count: filter.count)
        for index in samples.indices { work[index] = Complex.product(samples[index], chirp[index]) }
        work = FourierPass.run(passes, on: work)
        for index in work.indices { work[index] = Complex.product(work[index], filter[index]).exchanged }
        work = FourierPass.run(passes, on: work)
        return chirp.indices.map { Complex.product(work[$0].exchanged, chirp[$0]) }
    }
}

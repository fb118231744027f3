private import Foundation

/// The heart's dipole: x to the left, y downward, z backward, in millivolts on the leads of a vectorcardiogram.
package typealias DipoleVector = SIMD3<Double>

/// A Gaussian in the phase of the heart cycle, one wave (or part of one) of one coordinate.
struct WaveKernel: Sendable {
    /// Height in millivolts.
    let height: Double
    /// Deviation in radians of phase.
    let width: Double
    /// Phase of its centre; the R peak is at 0.
    let phase: Double

    /// Part of the T wave: after the ST segment and before the U wave.
    var isTWave: Bool { phase > 1 && phase < 2.5 }

    /// Beyond this many deviations nothing is left of it (2e-8 of its height).
    static let reach = 6.0

    func value(at phase: Double) -> Double {
        let distance = (phase - self.phase) / width
        return abs(distance) < Self.reach ? height * exp(-0.5 * distance * distance) : 0
    }
}

/// A normal beat as three sums of Gaussians.
///
/// Model: Sameni, Clifford, Jutten and Shamsollahi, EURASIP J. Adv. Signal Process. 2007, doi 10.1155/2007/43407,
/// after McSharry et al., IEEE Trans. Biomed. Eng. 50:289, 2003. Numbers as in alphanumericslab/OSET@fff7f32,
/// matlab/tests/synthetic-ecg-generator/testStochasticECGDipoleGenerator.m.
enum NormalBeat {
    static let x = kernels([
        (0.03, 0.0906, -1.09), (0.08, 0.1057, -0.83), (-0.13, 0.0453, -0.19), (0.85, 0.0378, -0.07),
        (1.11, 0.0332, 0), (0.75, 0.0302, 0.06), (0.06, 0.0378, 0.22), (0.1, 0.604, 1.2),
        (0.17, 0.302, 1.42), (0.39, 0.1812, 1.68), (0.03, 0.5, 2.9),
    ])
    static let y = kernels([
        (0.035, 0.07, -1.1), (0.015, 0.07, -0.9), (-0.019, 0.04, -0.76), (0.32, 0.055, -0.11),
        (0.51, 0.037, -0.01), (-0.32, 0.0604, 0.065), (0.04, 0.45, 0.8), (0.08, 0.3, 1.58),
        (0.014, 0.5, 2.9),
    ])
    static let z = kernels([
        (-0.03, 0.03, -1.1), (-0.14, 0.12, -0.93), (-0.035, 0.04, -0.7), (0.045, 0.4, -0.4),
        (-0.4, 0.045, -0.15), (0.46, 0.05, 0.095), (-0.12, 0.8, 1.05), (-0.2, 0.4, 1.25),
        (-0.35, 0.2, 1.55), (-0.035, 0.4, 2.8),
    ])

    private static func kernels(_ rows: [(Double, Double, Double)]) -> [WaveKernel] {
        rows.map { WaveKernel(height: $0.0, width: $0.1, phase: $0.2) }
    }
}

/// The eight independent leads of a dipole (Dower, Machado and Osborne, Clin. Cardiol. 3:87, 1980).
package enum DowerLeads {
    /// Weights of x, y and z for I, II, V1 to V6, in the order of `Lead.independent`.
    static let weights: [DipoleVector] = [
        DipoleVector(0.632, -0.235, 0.059), DipoleVector(0.235, 1.066, -0.132),
        DipoleVector(-0.515, 0.157, -0.917), DipoleVector(0.044, 0.164, -1.387),
        DipoleVector(0.882, 0.098, -1.277), DipoleVector(1.213, 0.127, -0.601),
        DipoleVector(1.125, 0.127, -0.086), DipoleVector(0.831, 0.076, 0.23),
    ]

    /// I, II, V1 to V6 in millivolts.
    package static func millivolts(of dipole: DipoleVector) -> [Double] {
        weights.map { ($0 * dipole).sum() }
    }
}

/// A turn of the whole heart in the chest: about z (frontal axis), then y (horizontal), then x (sagittal).
package struct AxisRotation: Sendable, Equatable {
    /// Radians; positive turns the axis from left (I) to down (aVF).
    package var frontal: Double
    /// Radians; positive turns from left to back.
    package var horizontal: Double
    /// Radians; positive turns from down to back.
    package var sagittal: Double

    package init(frontal: Double = 0, horizontal: Double = 0, sagittal: Double = 0) {
        self.frontal = frontal
        self.horizontal = horizontal
        self.sagittal = sagittal
    }

    func rotate(_ dipole: DipoleVector) -> DipoleVector {
        var turned = dipole
        (turned.x, turned.y) = Self.turn(turned.x, turned.y, by: frontal)
        (turned.x, turned.z) = Self.turn(turned.x, turned.z, by: horizontal)
        (turned.y, turned.z) = Self.turn(turned.y, turned.z, by: sagittal)
        return turned
    }

    private static func turn(_ a: Double, _ b: Double, by angle: Double) -> (Double, Double) {
        (a * cos(angle) - b * sin(angle), a * sin(angle) + b * cos(angle))
    }
}
